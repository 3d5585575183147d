namespace Sample;

/// <summary>The section <c>Sample</c> of the configuration.</summary>
internal sealed class SampleOptions
{
    /// <summary>
    /// Whether the simulated engine runs. Without it, the data does not change, and the metrics of each run of the
    /// sample are byte-for-byte identical. With the default <see cref="End"/>, the processes then ended too long ago
    /// for <c>wfo_process_recent_duration_seconds</c>. True by default.
    /// </summary>
    public bool Simulate { get; set; } = true;

    /// <summary>
    /// The end of the history in the demo data. Defaults to the start time of the sample or, without the simulated
    /// engine, to 12:00 UTC on January 15, 2026. Without the engine, samples with the same end have the same metrics.
    /// </summary>
    public DateTimeOffset? End { get; set; }
}
