namespace Orchestrator.Metrics;

/// <summary>A quantile of a summary.</summary>
/// <param name="Quantile">The quantile, from 0 to 1; 0.5 is the median.</param>
/// <param name="Value">The value: not negative, or NaN if there were no observations.</param>
public readonly record struct SummaryQuantile(double Quantile, double Value);
