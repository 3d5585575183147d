using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>
/// A host without default collectors, with a fake clock and a logger that the test can read.
/// </summary>
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
    /// Signals when a background refresh begins to wait for its next run, if that is longer than the default timeout.
    /// </summary>
    public SignallingTimeProvider Time { get; } = new(dueTime => dueTime > TimeSpan.FromSeconds(30));

    public ListLogger Log { get; } = new();

    public OrchestratorMetricsRegistry Registry { get; }

    public IServiceProvider Services => _provider;

    /// <summary>Starts a scrape. When the method returns, all runs are requested and all timers are set.</summary>
    public Task<MetricsSnapshot> ScrapeAsync(TimeSpan? timeout = null, CancellationToken cancellationToken = default) =>
        Registry.CollectAsync(new() { Timeout = timeout }, cancellationToken).Soon();

    /// <summary>Scrapes, and returns the expected failure.</summary>
    public Task<MetricsCollectionException> FailedScrapeAsync() => FailureAsync(ScrapeAsync());

    /// <summary>Scrapes and disconnects the caller once the test has reached a certain point.</summary>
    public async Task DisconnectAsync(Func<Task> reached, params string[] names)
    {
        using var caller = new CancellationTokenSource();
        var scrape = Registry.CollectAsync(new() { Names = names.Length == 0 ? null : names }, caller.Token).Soon();
        await reached();
        await caller.CancelAsync();
        await CatchAsync<OperationCanceledException>(scrape);
    }

    /// <summary>Scrapes, disconnects the caller during the collector's run, and returns the run.</summary>
    public async Task<GatedRun> DisconnectAsync(GatedCollector collector, params string[] names)
    {
        GatedRun? run = null;
        await DisconnectAsync(async () => run = await collector.NextRunAsync(), names);
        return run!;
    }

    public static Task<MetricsCollectionException> FailureAsync(Task<MetricsSnapshot> scrape) =>
        CatchAsync<MetricsCollectionException>(scrape);

    /// <summary>Returns the exception of a task, except for the TimeoutException of the guard.</summary>
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

        throw new AssertionException($"Expected a {typeof(T).Name}, but nothing was thrown.");
    }

    public ValueTask DisposeAsync() => _provider.DisposeAsync();
}

internal static class SnapshotExtensions
{
    /// <summary>The value of the only sample of a family.</summary>
    public static double Value(this MetricsSnapshot snapshot, string family) => snapshot.Values(family).Single();

    public static double[] Values(this MetricsSnapshot snapshot, string family) =>
    [
        .. new MetricsSnapshot(snapshot.Families.Where(candidate => candidate.Name == family))
            .ToText(ExpositionFormat.PrometheusText)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Where(line => line[0] != '#')
            .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..],
                System.Globalization.CultureInfo.InvariantCulture)),
    ];

    public static string[] Names(this MetricsSnapshot snapshot) =>
        [.. snapshot.Families.Select(family => family.Name)];

    /// <summary>The lines that contain a string, such as a collector name in the scrape metrics.</summary>
    public static string[] Lines(this MetricsSnapshot snapshot, string part) =>
    [
        .. snapshot.ToText(ExpositionFormat.PrometheusText).Split('\n')
            .Where(line => line.Length > 0 && line[0] != '#' && line.Contains(part, StringComparison.Ordinal)),
    ];
}
