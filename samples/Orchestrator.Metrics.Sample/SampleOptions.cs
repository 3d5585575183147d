namespace Sample;

/// <summary>The section <c>Sample</c> of the configuration.</summary>
internal sealed class SampleOptions
{
    /// <summary>
    /// Whether the simulated engine runs. Without it, the data does not change, and each run of the sample has the same
    /// metrics, byte for byte, while its processes ended too long ago for the operational ones. True by default.
    /// </summary>
    public bool Simulate { get; set; } = true;

    /// <summary>
    /// The time at which the history of the demo data ends. By default the start of the sample, or 12:00 UTC on January
    /// 15, 2026 without the simulated engine. Samples without engine and with the same value have the same metrics.
    /// </summary>
    public DateTimeOffset? End { get; set; }
}
