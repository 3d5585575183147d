namespace Orchestrator.Metrics.Testing;

/// <summary>A convention of Prometheus that a metric breaks.</summary>
/// <param name="Metric">The name of the metric as Prometheus text shows it: a counter's with <c>_total</c>.</param>
/// <param name="Text">What is wrong with it and what to do, for people.</param>
public sealed record LintProblem(string Metric, string Text)
{
    /// <summary>Name and text, as a test framework shows them.</summary>
    public override string ToString() => $"{Metric}: {Text}";
}
