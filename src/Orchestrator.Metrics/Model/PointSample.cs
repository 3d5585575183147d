namespace Orchestrator.Metrics.Model;

/// <summary>
/// A sample of a point. <c>TypeLabel</c> is the value of the label that the type adds: <c>le</c>, <c>quantile</c>, the
/// state. Only the <c>+Inf</c> bucket has a native histogram.
/// </summary>
internal readonly record struct PointSample(
    SampleSuffix Suffix, double Value, string? TypeLabel = null, Exemplar? Exemplar = null,
    NativeHistogram? Native = null);
