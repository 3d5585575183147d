namespace Sample;

/// <summary>The section <c>Sample</c> of the configuration.</summary>
internal sealed class SampleOptions
{
    /// <summary>
    /// Whether the engine works. If not, the data keeps still and each run of the sample has the same metrics, to the
    /// byte.
    /// </summary>
    public bool Simulate { get; set; } = true;
}
