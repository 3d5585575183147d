namespace Orchestrator.Metrics;

/// <summary>One cumulative bucket of a histogram.</summary>
/// <param name="UpperBound">The upper bound, inclusive (<c>le</c>); positive infinity for the last bucket.</param>
/// <param name="Count">How many observations are at most <paramref name="UpperBound"/>.</param>
/// <param name="Exemplar">One of the observations that this bucket adds to the one before, if any.</param>
public readonly record struct HistogramBucket(double UpperBound, double Count, Exemplar? Exemplar = null);
