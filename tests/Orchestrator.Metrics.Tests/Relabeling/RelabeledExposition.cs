using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Relabeling;

/// <summary>The exposition of a collector whose options change labels.</summary>
internal static class RelabeledExposition
{
    public const string Key = "a key of sixteen characters";

    public static async Task<string> ExpositionAsync(
        Action<CollectorOptions> configure, params MetricFamily[] families)
    {
        var registry = new OrchestratorMetricsRegistry(new() { LabelHashKey = Key });
        registry.Register(FakeCollector.Returning(families), configure);
        return (await registry.CollectAsync().Soon()).ToText(ExpositionFormat.OpenMetrics);
    }

    public static async Task<string> FailureAsync(Action<CollectorOptions> configure, params MetricFamily[] families)
    {
        var registry = new OrchestratorMetricsRegistry(new() { LabelHashKey = Key });
        registry.Register(FakeCollector.Returning(families), configure);
        var failure = await MetricsHost.FailureAsync(registry.CollectAsync().Soon());
        return failure.InnerException!.Message;
    }
}
