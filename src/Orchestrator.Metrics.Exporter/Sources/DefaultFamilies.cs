namespace Orchestrator.Metrics.Exporter.Sources;

/// <summary>The default families, which both orchestrator-core and the exporter serve.</summary>
internal static class DefaultFamilies
{
    public const string ResolveConflict =
        "If the collector is a source, set its drop_default_families to true instead.";

    public static IReadOnlyList<string> Names { get; } =
    [
        "wfo_subscriptions_count", "wfo_process_count", "wfo_process_seconds_total_count", "wfo_engine_status",
        "wfo_active_process_count",
    ];
}
