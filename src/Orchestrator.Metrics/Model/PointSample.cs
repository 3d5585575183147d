namespace Orchestrator.Metrics.Model;

/// <summary>One sample of a point.</summary>
/// <param name="Suffix">The suffix that the sample name adds to the name of the family.</param>
/// <param name="Value">The value.</param>
/// <param name="TypeLabel">
/// The value of the label that the type adds (<c>le</c>, <c>quantile</c>, the state), or null.
/// </param>
/// <param name="Exemplar">The exemplar, or null.</param>
/// <param name="Native">The native histogram, if the sample is its <c>+Inf</c> bucket; otherwise null.</param>
internal readonly record struct PointSample(
    SampleSuffix Suffix, double Value, string? TypeLabel = null, Exemplar? Exemplar = null,
    NativeHistogram? Native = null);
