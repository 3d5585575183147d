namespace Orchestrator.Metrics;

/// <summary>
/// Options of <see cref="OrchestratorMetricsBuilder.AddOperationalMetrics"/>. Validated at start-up, and read once, in
/// the first run of a collector that uses them. Values of the configuration section
/// <c>OrchestratorMetrics:Operational</c>, whose keys are the names of the properties, override values set in code.
/// </summary>
public sealed class OperationalMetricsOptions
{
    /// <summary>
    /// The period before each run in which a process must have ended to be included in
    /// <c>wfo_process_recent_duration_seconds</c>: whole seconds, from one second to 365 days. One hour by default.
    /// Keep it below <c>TASK_LOG_RETENTION_DAYS</c> (three days by default) of orchestrator-core, which deletes
    /// completed tasks of that age. The help text of the family contains the window.
    /// </summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The upper bounds (<c>le</c>) of the buckets of <c>wfo_process_recent_duration_seconds</c>, in seconds: 1 to 100
    /// ascending values, above 0 and at most 1,000,000,000. The bucket for positive infinity is added. By default 1,
    /// 10, 60, 300, 1800, 3600, 21600, 86400 and 604800. A list in the configuration replaces the whole list.
    /// </summary>
    public IReadOnlyCollection<double> Buckets { get; set; } =
        [1, 10, 60, 300, 1800, 3600, 21_600, 86_400, 604_800];

    internal double[] UpperBounds => [.. Buckets];
}
