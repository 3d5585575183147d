namespace Orchestrator.Metrics.Testing;

/// <summary>A violation of a Prometheus convention by a metric family.</summary>
public sealed record LintProblem
{
    internal LintProblem(string metric, string text) => (Metric, Text) = (metric, text);

    /// <summary>
    /// The name of the family in the Prometheus text format, in which a counter has the name of its samples, such as
    /// <c>acme_jobs_total</c>.
    /// </summary>
    public string Metric { get; }

    /// <summary>The problem and the remedy.</summary>
    public string Text { get; }

    /// <summary>Returns the name and the text.</summary>
    public override string ToString() => $"{Metric}: {Text}";
}
