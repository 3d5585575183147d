namespace Orchestrator.Metrics.Testing;

/// <summary>A violation of a Prometheus convention by a metric family.</summary>
public sealed record LintProblem
{
    internal LintProblem(string metric, string text) => (Metric, Text) = (metric, text);

    /// <summary>
    /// The name of the family in the Prometheus text format, where the name of a counter ends in <c>_total</c>.
    /// </summary>
    public string Metric { get; }

    /// <summary>The problem and the remedy.</summary>
    public string Text { get; }

    /// <summary>Returns the name and the text.</summary>
    public override string ToString() => $"{Metric}: {Text}";
}
