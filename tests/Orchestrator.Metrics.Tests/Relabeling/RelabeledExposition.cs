using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Relabeling;

internal static class RelabeledExposition
{
    public const string Key = "a key of sixteen characters";

    public static async Task<string> GetExpositionAsync(
        Action<CollectorOptions> configure, params MetricFamily[] families)
    {
        var registry = new OrchestratorMetricsRegistry(new() { LabelHashKey = Key });
        registry.Register(FakeCollector.Returning(families), configure);
        return (await registry.CollectAsync().Soon()).ToText(ExpositionFormat.OpenMetrics);
    }

    public static async Task<string> GetErrorAsync(Action<CollectorOptions> configure, params MetricFamily[] families)
    {
        var registry = new OrchestratorMetricsRegistry(new() { LabelHashKey = Key });
        registry.Register(FakeCollector.Returning(families), configure);
        var failure = await MetricsHost.CatchFailureAsync(registry.CollectAsync().Soon());
        return failure.InnerException!.Message;
    }
}
