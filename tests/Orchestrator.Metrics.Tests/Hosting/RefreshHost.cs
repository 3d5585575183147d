using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Hosting;

/// <summary>A host with a collector that runs in the background.</summary>
internal static class RefreshHost
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // An interval varies by 5 %.
    public static readonly TimeSpan LongestInterval = Interval * 1.05 + TimeSpan.FromSeconds(1);

    public static MetricsHost Host(
        IMetricsCollector collector, Action<CollectorOptions>? refresh = null,
        Action<OrchestratorMetricsOptions>? configure = null) => new(
        builder => builder.AddCollector(collector, options =>
        {
            options.RefreshEvery = Interval;
            refresh?.Invoke(options);
        }),
        configure);

    /// <summary>
    /// Waits until the refresh waits for its next run, then advances the clock. Before that, the refresh may still wait
    /// for the end of the last run, which would time out.
    /// </summary>
    public static async Task AdvanceWaitingAsync(MetricsHost host, TimeSpan time)
    {
        await host.Time.WaitForTimerAsync();
        host.Time.Advance(time);
    }

    /// <summary>Scrapes until a refresh has supplied a value.</summary>
    public static Task<double> UntilAsync(MetricsHost host, double value) => Waiting.UntilAsync(
        async () =>
        {
            try
            {
                return (await host.ScrapeAsync()).Value("x");
            }
            catch (MetricsCollectionException)
            {
                return double.NaN;
            }
        },
        found => found == value);
}
