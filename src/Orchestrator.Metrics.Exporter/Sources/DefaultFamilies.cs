namespace Orchestrator.Metrics.Exporter.Sources;

/// <summary>The default families of orchestrator-core, which both its endpoint and the exporter serve.</summary>
internal static class DefaultFamilies
{
    public static IReadOnlyList<string> Names { get; } =
    [
        "wfo_subscriptions_count", "wfo_process_count", "wfo_process_seconds_total_count", "wfo_engine_status",
        "wfo_active_process_count",
    ];

    /// <summary>Returns what to do if a failure is a conflict about one of these families; otherwise null.</summary>
    /// <param name="failure">The message of the registry, with or without quotes.</param>
    public static string? ResolveConflict(string failure)
    {
        var text = failure.Replace("'", "", StringComparison.Ordinal);
        return Names.Any(
            family => text.StartsWith($"Metric family {family} of collector ", StringComparison.Ordinal))
            ? "If the collector is a source, set its drop_default_families to true. Otherwise rename the family."
            : null;
    }
}
