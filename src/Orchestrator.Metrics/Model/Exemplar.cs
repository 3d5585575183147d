using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

/// <summary>
/// A reference from a counter, a histogram bucket or a native histogram to data outside the metrics, such as the trace
/// of one observation. OpenMetrics and protobuf carry exemplars; the Prometheus text formats omit them. Immutable and
/// thread-safe.
/// </summary>
public sealed class Exemplar
{
    private const int MaxLength = 128;

    private readonly double _timestamp;

    /// <summary>Creates an exemplar.</summary>
    /// <param name="value">The observed value, in the unit of the family.</param>
    /// <param name="labels">The labels, such as <c>trace_id</c>, in any order.</param>
    /// <param name="timestamp">The time of the observation; null if it is not known.</param>
    /// <exception cref="ArgumentException">
    /// A label name is invalid, reserved or occurs twice, a value is null, or the names and values together exceed 128
    /// characters (OpenMetrics 1.0, section "Exemplars").
    /// </exception>
    public Exemplar(double value, IEnumerable<KeyValuePair<string, string>> labels, DateTimeOffset? timestamp = null)
    {
        ArgumentNullException.ThrowIfNull(labels);
        Value = value;
        SortedLabels = LabelPairs.ValidateAndSort(labels, "an exemplar", NameValidationScheme.Legacy);
        _timestamp = UnixSeconds.Convert(timestamp);
        if (FindLengthViolation() is { } violation)
            throw new ArgumentException(violation, nameof(labels));
    }

    /// <summary>Creates an exemplar without validation. The labels must be sorted by name.</summary>
    internal Exemplar(double value, KeyValuePair<string, string>[] labels, double timestampSeconds)
    {
        Value = value;
        SortedLabels = labels;
        _timestamp = timestampSeconds;
    }

    /// <summary>The observed value, in the unit of the family.</summary>
    public double Value { get; }

    /// <summary>The labels, sorted by name in Unicode code point order.</summary>
    public LabelSet Labels => new(SortedLabels);

    /// <summary>The time of the observation in seconds since the Unix epoch, or null.</summary>
    public double? TimestampSeconds => UnixSeconds.ToNullable(_timestamp);

    internal KeyValuePair<string, string>[] SortedLabels { get; }

    internal string? FindLengthViolation()
    {
        var length = SortedLabels.Sum(label => CountCodePoints(label.Key) + CountCodePoints(label.Value));
        return length <= MaxLength
            ? null
            : $"The names and values of an exemplar's labels have {length} characters in total. OpenMetrics allows " +
              $"at most {MaxLength}. Remove a label, or shorten a value.";
    }

    private static int CountCodePoints(string text) => text.EnumerateRunes().Count();
}
