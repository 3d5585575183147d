namespace Orchestrator.Metrics.Testing;

/// <summary>A convention of Prometheus that a metric breaks.</summary>
public sealed record LintProblem
{
    internal LintProblem(string metric, string text) => (Metric, Text) = (metric, text);

    /// <summary>The name of the metric as Prometheus text shows it: a counter's with <c>_total</c>.</summary>
    public string Metric { get; }

    /// <summary>What is wrong with it and what to do, for people.</summary>
    public string Text { get; }

    /// <summary>Name and text, as a test framework shows them.</summary>
    public override string ToString() => $"{Metric}: {Text}";
}
