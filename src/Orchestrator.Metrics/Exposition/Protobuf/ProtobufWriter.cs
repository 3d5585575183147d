using System.Buffers;
using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Protobuf;

/// <summary>
/// Writes delimited messages, one per family. The Pushgateway keeps only the last message of each name, so a family is
/// not split. The length precedes the message, so a first pass over the samples computes it.
/// </summary>
/// <remarks>
/// An info and a stateset are gauges, as in <c>client_java</c>. Names are the same as in Prometheus text, such as
/// <c>x_total</c>. A gauge histogram is a histogram, as in Prometheus text: Prometheus 2.42 loses the sum of the type
/// GAUGE_HISTOGRAM and the suffix of its buckets, and later versions read the same series from both types. A family
/// without metrics is omitted.
/// </remarks>
internal sealed class ProtobufWriter(MetricsSnapshot snapshot, EscapingScheme escaping) : ExpositionWriter
{
    private readonly IEnumerator<MetricFamily> _families =
        snapshot.Entries.Select(entry => entry.Family).GetEnumerator();

    private FamilyMetrics? _metrics;

    protected override bool WriteNext(ref Utf8Output output)
    {
        if (_metrics is not null)
        {
            if (!_metrics.Write(ref output))
                _metrics = null;
            return true;
        }

        if (!_families.MoveNext())
            return false;
        var length = new FamilyMetrics(_families.Current, escaping).ComputeLength();
        if (length == 0)
            return true;
        WriteHeader(ref output, _families.Current, length);
        _metrics = new FamilyMetrics(_families.Current, escaping);
        return true;
    }

    private void WriteHeader(ref Utf8Output output, MetricFamily family, long metrics)
    {
        var name = EscapedName.EscapeMetricName(family.Name, escaping)
            + SampleSuffix.Main.GetText(family.OpenMetricsType);
        var longest = (name.Length + family.Help.Length + family.Unit.Length) * EscapedText.MaxBytesPerChar
            + 8 * ProtobufBuffer.LongestNumber;
        var bytes = ArrayPool<byte>.Shared.Rent(longest);
        var fields = new ProtobufBuffer(bytes);
        fields.WriteString(Fields.Family.Name, name);
        fields.WriteString(Fields.Family.Help, family.Help);
        fields.WriteNumber(Fields.Family.Type, GetTypeNumber(family.Type));
        if (family.Unit.Length > 0)
            fields.WriteString(Fields.Family.Unit, EscapedName.EscapeUnit(family.Unit, family.Name, escaping));
        var length = new ProtobufBuffer(output.GetSpan(ProtobufBuffer.LongestNumber));
        length.WriteVarint((ulong)(fields.Length + metrics));
        output.Advance(length.Length);
        output.Write(bytes.AsSpan(0, fields.Length));
        ArrayPool<byte>.Shared.Return(bytes);
    }

    private static ulong GetTypeNumber(MetricType type) => type switch
    {
        MetricType.Counter => 0,
        MetricType.Gauge or MetricType.Info or MetricType.StateSet => 1,
        MetricType.Summary => 2,
        MetricType.Unknown => 3,
        MetricType.Histogram or MetricType.GaugeHistogram => 4,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "The type has no number in protobuf."),
    };
}
