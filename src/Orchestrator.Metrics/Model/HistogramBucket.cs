namespace Orchestrator.Metrics;

/// <summary>A cumulative bucket of a histogram.</summary>
/// <param name="UpperBound">The inclusive upper bound (<c>le</c>); positive infinity for the last bucket.</param>
/// <param name="Count">The number of observations that are at most <paramref name="UpperBound"/>.</param>
/// <param name="Exemplar">An exemplar for an observation that no smaller bucket counts, or null.</param>
public readonly record struct HistogramBucket(double UpperBound, long Count, Exemplar? Exemplar = null);
