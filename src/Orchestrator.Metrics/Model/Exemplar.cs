using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

/// <summary>
/// A reference from a counter or a histogram bucket to data outside the metrics, such as the trace of one
/// observation. Only OpenMetrics carries exemplars; the Prometheus text formats leave them out. Immutable.
/// </summary>
public sealed class Exemplar
{
    private const int MaxLength = 128;

    /// <summary>Creates an exemplar.</summary>
    /// <param name="value">The observed value.</param>
    /// <param name="labels">Its labels, such as <c>trace_id</c>; they are written in the order of their names.</param>
    /// <param name="timestamp">When it was observed, if known.</param>
    /// <exception cref="ArgumentException">
    /// A label name is invalid or occurs twice, a value is null, or names and values together have more than
    /// 128 characters (OpenMetrics 1.0, section "Exemplars").
    /// </exception>
    public Exemplar(double value, IEnumerable<KeyValuePair<string, string>> labels, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        Value = value;
        Labels = LabelPairs.Sorted(labels, "an exemplar", NameValidationScheme.Legacy);
        TimestampSeconds = UnixSeconds.From(timestamp);
        var length = Labels.Sum(label => CodePoints(label.Key) + CodePoints(label.Value));
        if (length > MaxLength)
            throw new ArgumentException(
                $"The labels of an exemplar have {length} characters, OpenMetrics allows {MaxLength} for names and " +
                "values together. Leave a label out, or shorten its value.", nameof(labels));
    }

    /// <summary>One that another library made: whatever it is like. The labels are sorted by name.</summary>
    internal Exemplar(double value, KeyValuePair<string, string>[] labels, double timestampSeconds)
    {
        Value = value;
        Labels = labels;
        TimestampSeconds = timestampSeconds;
    }

    /// <summary>The observed value.</summary>
    public double Value { get; }

    internal KeyValuePair<string, string>[] Labels { get; }

    internal double TimestampSeconds { get; }

    private static int CodePoints(string text) => text.EnumerateRunes().Count();
}
