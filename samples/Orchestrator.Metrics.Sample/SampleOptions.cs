namespace Sample;

/// <summary>The section <c>Sample</c> of the configuration.</summary>
internal sealed class SampleOptions
{
    /// <summary>
    /// Whether the simulated engine runs. Without it, the data does not change, and the metrics of each run of the
    /// sample are byte-for-byte identical. By default, the processes then ended too long ago for
    /// <c>wfo_process_recent_duration_seconds</c>. True by default.
    /// </summary>
    public bool Simulate { get; set; } = true;

    /// <summary>
    /// The time at which the history of the demo data ends. By default the start of the sample, or 12:00 UTC on January
    /// 15, 2026 without the simulated engine. Samples without the engine and with the same value have the same metrics.
    /// </summary>
    public DateTimeOffset? End { get; set; }
}
