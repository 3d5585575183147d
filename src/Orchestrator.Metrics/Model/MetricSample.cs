using System.Globalization;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

/// <summary>A sample of a <see cref="MetricFamily"/>, returned by <see cref="MetricFamily.Samples"/>.</summary>
public readonly struct MetricSample
{
    private readonly double _timestamp;

    internal MetricSample(
        string name, LabelSet labels, double value, double timestamp, Exemplar? exemplar, NativeHistogram? native)
    {
        Name = name;
        Labels = labels;
        Value = value;
        _timestamp = timestamp;
        Exemplar = exemplar;
        NativeHistogram = native;
    }

    /// <summary>
    /// The name of the sample in OpenMetrics: the name of the family, followed by the suffix if there is one, such as
    /// <c>_total</c> or <c>_bucket</c>.
    /// </summary>
    public string Name { get; }

    /// <summary>
    /// The labels, including the one that the type adds: <c>le</c>, <c>quantile</c>, or for a stateset the name of the
    /// family.
    /// </summary>
    public LabelSet Labels { get; }

    /// <summary>
    /// The value: in the unit of the family; for buckets and counts a number of observations, for <c>_created</c>
    /// seconds since the Unix epoch, and for infos and statesets 0 or 1.
    /// </summary>
    public double Value { get; }

    /// <summary>
    /// The timestamp in seconds since the Unix epoch, or null. Samples from another library can have timestamps that
    /// <see cref="DateTimeOffset"/> cannot represent.
    /// </summary>
    public double? TimestampSeconds => UnixSeconds.ToNullable(_timestamp);

    /// <summary>The exemplar, or null.</summary>
    public Exemplar? Exemplar { get; }

    /// <summary>
    /// The native histogram, if this is the <c>+Inf</c> bucket of a point that
    /// <see cref="MetricPoint.NativeHistogram"/> created; otherwise null.
    /// </summary>
    public NativeHistogram? NativeHistogram { get; }

    /// <summary>Returns the name, the labels, the value and the timestamp, for debugging.</summary>
    public override string ToString()
    {
        var value = NumberFormat.FormatGo(Value);
        return TimestampSeconds is { } timestamp
            ? string.Create(CultureInfo.InvariantCulture, $"{Name}{Labels} {value} @{timestamp}")
            : $"{Name}{Labels} {value}";
    }
}
