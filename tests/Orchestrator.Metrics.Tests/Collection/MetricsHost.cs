using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.Collection;

internal sealed class MetricsHost : IAsyncDisposable
{
    private readonly ServiceProvider _provider;

    public MetricsHost(
        Action<OrchestratorMetricsBuilder>? build = null, Action<OrchestratorMetricsOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton<TimeProvider>(Time);
        services.AddSingleton<ILogger<OrchestratorMetricsRegistry>>(Log);
        var builder = services.AddOrchestratorMetrics(options =>
        {
            options.DefaultCollectors = DefaultCollectors.None;
            configure?.Invoke(options);
        });
        build?.Invoke(builder);
        _provider = services.BuildServiceProvider(validateScopes: true);
        Registry = _provider.GetRequiredService<OrchestratorMetricsRegistry>();
        Registry.Refreshes.Start();
    }

    /// <summary>
    /// A fake clock that signals timers of more than 30 s, the default timeout. A background refresh sets one when it
    /// waits for its next run.
    /// </summary>
    public SignallingTimeProvider Time { get; } = new(dueTime => dueTime > TimeSpan.FromSeconds(30));

    public ListLogger Log { get; } = new();

    public OrchestratorMetricsRegistry Registry { get; }

    public IServiceProvider Services => _provider;

    /// <summary>Starts a scrape. When the method returns, all runs are requested and all timers are set.</summary>
    public Task<MetricsSnapshot> ScrapeAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Registry.CollectAsync(new() { Timeout = timeout }, cancellationToken).Soon();

    public Task<MetricsCollectionException> ScrapeAndCatchAsync() => CatchFailureAsync(ScrapeAsync());

    /// <summary>Scrapes and disconnects the caller once the test has reached a certain point.</summary>
    public async Task DisconnectAsync(Func<Task> reached, params string[] names)
    {
        using var caller = new CancellationTokenSource();
        var scrape = Registry.CollectAsync(new() { Names = names.Length == 0 ? null : names }, caller.Token).Soon();
        await reached();
        await caller.CancelAsync();
        await CatchAsync<OperationCanceledException>(scrape);
    }

    public async Task<GatedRun> DisconnectAsync(GatedCollector collector, params string[] names)
    {
        GatedRun? run = null;
        await DisconnectAsync(async () => run = await collector.WaitForRunAsync(), names);
        return run!;
    }

    public static Task<MetricsCollectionException> CatchFailureAsync(Task<MetricsSnapshot> scrape) =>
        CatchAsync<MetricsCollectionException>(scrape);

    public static async Task<T> CatchAsync<T>(Task task)
        where T : Exception
    {
        try
        {
            await task;
        }
        catch (T exception)
        {
            return exception;
        }

        throw new AssertionException($"Expected the exception {typeof(T).Name}, but the task completed.");
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}

internal static class SnapshotExtensions
{
    public static double GetValue(this MetricsSnapshot snapshot, string family) => snapshot.GetValues(family).Single();

    public static double[] GetValues(this MetricsSnapshot snapshot, string family) =>
    [
        .. new MetricsSnapshot(snapshot.Families.Where(candidate => candidate.Name == family))
            .ToText(ExpositionFormat.PrometheusText)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..],
                System.Globalization.CultureInfo.InvariantCulture)),
    ];

    public static string[] GetNames(this MetricsSnapshot snapshot) =>
        [.. snapshot.Families.Select(family => family.Name)];

    public static string[] GetLines(this MetricsSnapshot snapshot, string part) =>
    [
        .. snapshot.ToText(ExpositionFormat.PrometheusText).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#' && line.Contains(part, StringComparison.Ordinal)),
    ];
}
