using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Protobuf;

internal sealed class MetricEncoder(MetricFamily family, EscapingScheme escaping)
{
    // The maximum length of a sample without its text: seven numbers, and the tags and lengths of nested messages.
    private const int LongestSample = 10 * ProtobufBuffer.LongestNumber;

    private readonly string? _typeLabel = MetricReader.GetTypeLabel(family);

    // The escaped label names of samples and exemplars, by name.
    private readonly Dictionary<string, string> _labelNames = [];

    public int GetMaxLength(List<StoredSample> metric)
    {
        var bytes = LongestSample + GetMaxLength(family.GetLabels(metric[0]));
        foreach (var sample in metric)
        {
            bytes += LongestSample;
            if (sample.Detail?.Exemplar is { } exemplar)
                bytes += GetMaxLength(exemplar.Labels);
            if (sample.Detail?.Native is { } native)
                bytes += NativeHistogramEncoder.GetMaxLength(native) + native.ExemplarArray.Sum(
                    other => LongestSample + GetMaxLength(other.Labels));
        }

        return bytes;
    }

    public void Write(ref ProtobufBuffer buffer, List<StoredSample> metric)
    {
        var first = metric[0];
        var start = buffer.Begin(Fields.Family.Metric);
        WriteLabels(ref buffer, Fields.Metric.Label, family.GetLabels(first));
        switch (family.Type)
        {
            case MetricType.Counter:
                WriteCounter(ref buffer, metric);
                break;
            case MetricType.Summary:
                WriteSummary(ref buffer, metric);
                break;
            case MetricType.Histogram or MetricType.GaugeHistogram:
                WriteHistogram(ref buffer, metric);
                break;
            default:
                var number = buffer.Begin(GetNumberField(family.Type));
                buffer.WriteDouble(Fields.Number.Value, first.Value);
                buffer.End(number);
                break;
        }

        if (!double.IsNaN(first.Timestamp))
            buffer.WriteNumber(Fields.Metric.TimestampMilliseconds, ToMilliseconds(first.Timestamp, first.Chunk));
        buffer.End(start);
    }

    public static int GetNumberField(MetricType type) => type switch
    {
        MetricType.Counter => Fields.Metric.Counter,
        MetricType.Unknown => Fields.Metric.Untyped,
        _ => Fields.Metric.Gauge,
    };

    public static ulong ToMilliseconds(double timestamp, SampleStore.Chunk chunk) =>
        (ulong)UnixSeconds.ToMilliseconds(timestamp, exactly: chunk.IsParsed);

    private void WriteCounter(ref ProtobufBuffer buffer, List<StoredSample> metric)
    {
        var start = buffer.Begin(Fields.Metric.Counter);
        foreach (var sample in metric)
        {
            if (sample.Suffix == SampleSuffix.Created)
            {
                WriteTime(ref buffer, Fields.Number.Created, sample.Value);
                continue;
            }

            buffer.WriteDouble(Fields.Number.Value, sample.Value);
            WriteExemplar(ref buffer, Fields.Number.Exemplar, sample.Detail?.Exemplar);
        }

        buffer.End(start);
    }

    private void WriteSummary(ref ProtobufBuffer buffer, List<StoredSample> metric)
    {
        var start = buffer.Begin(Fields.Metric.Summary);
        foreach (var sample in metric)
        {
            if (sample.Suffix == SampleSuffix.Created)
            {
                WriteTime(ref buffer, Fields.Summary.Created, sample.Value);
            }
            else if (sample.Suffix == SampleSuffix.Count)
            {
                // Only other libraries report fractional or negative counts. A summary has no field for such counts.
                buffer.WriteNumber(Fields.Summary.Count, sample.Value > 0 ? (ulong)sample.Value : 0);
            }
            else if (sample.Suffix == SampleSuffix.Sum)
            {
                buffer.WriteDouble(Fields.Summary.Sum, sample.Value);
            }
            else if (ParseTypeLabel(sample) is var quantile && !double.IsNaN(quantile))
            {
                var nested = buffer.Begin(Fields.Summary.Quantile);
                buffer.WriteDouble(Fields.Quantile.Fraction, quantile);
                buffer.WriteDouble(Fields.Quantile.Value, sample.Value);
                buffer.End(nested);
            }
        }

        buffer.End(start);
    }

    private void WriteHistogram(ref ProtobufBuffer buffer, List<StoredSample> metric)
    {
        var start = buffer.Begin(Fields.Metric.Histogram);
        var native = metric.Select(sample => sample.Detail?.Native).FirstOrDefault(found => found is not null);
        if (native is not null)
            WriteNative(ref buffer, native);

        // A histogram without native buckets may lack count and sum. The last bucket counts all observations.
        var hasCount = native is not null
            || metric.Exists(sample => sample.Suffix is SampleSuffix.Count or SampleSuffix.GaugeCount);
        var buckets = metric.Count(sample => sample.Suffix == SampleSuffix.Bucket);
        foreach (var sample in metric)
        {
            switch (sample.Suffix)
            {
                case SampleSuffix.Bucket:
                    var bound = ParseTypeLabel(sample);
                    if (!hasCount && double.IsPositiveInfinity(bound))
                        WriteCount(ref buffer, Fields.Histogram.Count, Fields.Histogram.CountFloat, sample.Value);

                    // A native histogram without classic buckets has one bucket, +Inf, for the text formats. It is
                    // written here only with an exemplar, which older versions of Prometheus read only from buckets.
                    if (!double.IsNaN(bound) && (native is null || buckets > 1 || sample.Detail?.Exemplar is not null))
                        WriteBucket(ref buffer, sample, bound);
                    break;
                case SampleSuffix.Created:
                    WriteTime(ref buffer, Fields.Histogram.Created, sample.Value);
                    break;
                case SampleSuffix.Count or SampleSuffix.GaugeCount when native is null:
                    WriteCount(ref buffer, Fields.Histogram.Count, Fields.Histogram.CountFloat, sample.Value);
                    break;
                case SampleSuffix.Sum or SampleSuffix.GaugeSum when native is null:
                    buffer.WriteDouble(Fields.Histogram.Sum, sample.Value);
                    break;
            }
        }

        buffer.End(start);
    }

    private void WriteBucket(ref ProtobufBuffer buffer, StoredSample sample, double bound)
    {
        var start = buffer.Begin(Fields.Histogram.Bucket);
        WriteCount(ref buffer, Fields.Bucket.Count, Fields.Bucket.CountFloat, sample.Value);
        buffer.WriteDouble(Fields.Bucket.UpperBound, bound);
        WriteExemplar(ref buffer, Fields.Bucket.Exemplar, sample.Detail?.Exemplar);
        buffer.End(start);
    }

    private void WriteNative(ref ProtobufBuffer buffer, NativeHistogram native)
    {
        NativeHistogramEncoder.Write(ref buffer, native);
        foreach (var exemplar in native.ExemplarArray)
            WriteExemplar(ref buffer, Fields.Histogram.Exemplar, exemplar);
    }

    private void WriteExemplar(ref ProtobufBuffer buffer, int field, Exemplar? exemplar)
    {
        if (exemplar is null)
            return;
        var start = buffer.Begin(field);
        WriteLabels(ref buffer, Fields.Exemplar.Label, exemplar.Labels);
        buffer.WriteDouble(Fields.Exemplar.Value, exemplar.Value);
        if (exemplar.TimestampSeconds is { } timestamp)
            WriteTime(ref buffer, Fields.Exemplar.Timestamp, timestamp);
        buffer.End(start);
    }

    private void WriteLabels(ref ProtobufBuffer buffer, int field, LabelSet labels)
    {
        foreach (var (name, value) in labels)
        {
            if (field == Fields.Metric.Label && name == _typeLabel)
                continue;
            if (!_labelNames.TryGetValue(name, out var escaped))
                _labelNames.Add(name, escaped = EscapedName.EscapeLabelName(name, escaping));
            var start = buffer.Begin(field);
            buffer.WriteString(Fields.LabelPair.Name, escaped);
            buffer.WriteString(Fields.LabelPair.Value, value);
            buffer.End(start);
        }
    }

    private static int GetMaxLength(LabelSet labels)
    {
        const int MaxBytesPerNameChar = 8;
        var bytes = 0;
        foreach (var (name, value) in labels)
            bytes += name.Length * MaxBytesPerNameChar + value.Length * EscapedText.MaxBytesPerChar + LongestSample;
        return bytes;
    }

    private double ParseTypeLabel(StoredSample sample) =>
        family.GetLabels(sample).TryGetValue(_typeLabel!, out var text)
            ? NumberFormat.ParseLabel(text)
            : double.NaN;

    // Only other libraries report fractional or negative counts, which are written as doubles.
    private static void WriteCount(ref ProtobufBuffer buffer, int field, int floatField, double count)
    {
        if (count >= 0 && count < ulong.MaxValue && double.IsInteger(count))
            buffer.WriteNumber(field, (ulong)count);
        else
            buffer.WriteDouble(floatField, count);
    }

    /// <summary>
    /// Writes a time in whole microseconds, because a double in seconds cannot represent nanoseconds. Omits a time
    /// outside the range of <c>google.protobuf.Timestamp</c>, the years 1 to 9999.
    /// </summary>
    private static void WriteTime(ref ProtobufBuffer buffer, int field, double time)
    {
        const long SmallestSeconds = -62_135_596_800;
        const long LargestSeconds = 253_402_300_799;
        const double MicrosecondsPerSecond = 1e6;
        const int NanosecondsPerMicrosecond = 1000;
        var seconds = Math.Floor(time);
        var microseconds = Math.Round((time - seconds) * MicrosecondsPerSecond);
        if (microseconds == MicrosecondsPerSecond)
            (seconds, microseconds) = (seconds + 1, 0);
        if (!(seconds >= SmallestSeconds && seconds <= LargestSeconds))
            return;
        var start = buffer.Begin(field);
        if (seconds != 0)
            buffer.WriteNumber(Fields.Timestamp.Seconds, (ulong)(long)seconds);
        if (microseconds != 0)
            buffer.WriteNumber(Fields.Timestamp.Nanoseconds, (ulong)microseconds * NanosecondsPerMicrosecond);
        buffer.End(start);
    }
}
