using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Hosting;

internal static class RefreshHost
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // An interval varies by up to 5 %. One second is added as a margin.
    public static readonly TimeSpan LongestInterval = Interval * 1.05 + TimeSpan.FromSeconds(1);

    public static MetricsHost CreateHost(
        IMetricsCollector collector, Action<CollectorOptions>? configureCollector = null,
        Action<OrchestratorMetricsOptions>? configure = null) => new(
        builder => builder.AddCollector(collector, options =>
        {
            options.RefreshEvery = Interval;
            configureCollector?.Invoke(options);
        }),
        configure);

    // If the clock advances before the timer of the next refresh is set, the last run may time out.
    public static async Task AdvanceWhenIdleAsync(MetricsHost host, TimeSpan time)
    {
        await host.Time.WaitForTimerAsync();
        host.Time.Advance(time);
    }

    public static Task<double> WaitUntilAsync(MetricsHost host, double value) => Waiting.UntilAsync(
        async () =>
        {
            try
            {
                return (await host.ScrapeAsync()).GetValue("x");
            }
            catch (MetricsCollectionException)
            {
                return double.NaN;
            }
        },
        found => found == value);
}
