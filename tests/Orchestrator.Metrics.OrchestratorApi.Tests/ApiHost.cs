using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// A host that reads the REST API of a server. The clock of the host stands still unless a test advances it.
/// </summary>
internal sealed class ApiHost : IAsyncDisposable
{
    public const string OtherFamily = "# HELP acme_jobs Jobs.\n# TYPE acme_jobs gauge\nacme_jobs 7.0\n";

    private readonly IHost _host;

    private ApiHost(IHost host, SignallingTimeProvider time, ListLogger log) => (_host, Time, Log) = (host, time, log);

    // Signals when a collector starts to wait for its next refresh, but not when a timeout starts.
    public SignallingTimeProvider Time { get; }

    public ListLogger Log { get; }

    public IServiceProvider Services => _host.Services;

    public static Task<ApiHost> StartAsync(
        OrchestratorServer server, Action<OrchestratorApiOptions>? configure = null) =>
        StartAsync(metrics => metrics.AddOrchestratorApi(options =>
        {
            options.BaseAddress = new(server.Address);
            configure?.Invoke(options);
        }));

    public static async Task<ApiHost> StartAsync(
        Action<OrchestratorMetricsBuilder> build, params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        var (time, log) = (new SignallingTimeProvider(dueTime => dueTime.TotalSeconds is > 10 and not 30), new ListLogger());
        builder.Logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log);
        builder.Services.AddSingleton<TimeProvider>(time);
        var metrics = builder.Services.AddOrchestratorMetrics(options =>
        {
            options.DefaultCollectors = DefaultCollectors.WorkflowEngine;
            options.FailurePolicy = FailurePolicy.ReportAndContinue;
        });
        build(metrics);
        metrics.AddGauge("acme_jobs", "Jobs.", _ => 7);
        var host = builder.Build();
        await host.StartAsync().Soon();
        return new(host, time, log);
    }

    public async Task<string> ScrapeAsync()
    {
        var snapshot = await Services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();
        return snapshot.ToText().Split("# HELP wfo_scrape_collector_")[0];
    }

    public Task<string> ScrapeBothAsync() => ScrapeUntilAsync(
        text => text.Contains("wfo_workers", StringComparison.Ordinal)
            && text.Contains("wfo_active_process_count", StringComparison.Ordinal));

    public Task<string> ScrapeUntilAsync(Func<string, bool> condition) =>
        Waiting.UntilAsync(ScrapeAsync, condition);

    /// <summary>
    /// Advances the clock after the last refresh of both collectors has ended. During a refresh, the advance would make
    /// it time out.
    /// </summary>
    public async Task AdvanceAfterRefreshesAsync(TimeSpan time)
    {
        await Time.WaitForTimerAsync();
        await Time.WaitForTimerAsync();
        Time.Advance(time);
    }

    public Task<string> AdvanceUntilAsync(Func<string, bool> condition) => Waiting.UntilAsync(
        () =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(500));
            return ScrapeAsync();
        },
        condition);

    public async Task<Exception> WaitForFailureAsync(string collector) => (await Log.WaitForAsync(
        entry => entry.Message == $"Collector {collector} failed.")).Exception!;

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync().Soon();
        _host.Dispose();
    }
}
