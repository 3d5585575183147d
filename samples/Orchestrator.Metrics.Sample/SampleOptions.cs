namespace Sample;

/// <summary>The section <c>Sample</c> of the configuration.</summary>
internal sealed class SampleOptions
{
    /// <summary>
    /// Whether the simulated engine runs. Without it, the data does not change, and each run of the sample has the same
    /// metrics, byte for byte. True by default.
    /// </summary>
    public bool Simulate { get; set; } = true;
}
