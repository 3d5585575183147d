namespace Orchestrator.Metrics.Exposition.Protobuf;

/// <summary>
/// Encodes a native histogram, except for its exemplars. The buckets become spans of consecutive indexes and
/// differences between counts.
/// Source: https://prometheus.io/docs/specs/native_histograms, section "Protobuf".
/// </summary>
internal static class NativeHistogramEncoder
{
    // One or two empty buckets take fewer bytes than a new span. client_golang also writes empty buckets.
    private const int LargestGap = 2;

    public static int GetMaxLength(NativeHistogram histogram) =>
        (8 + (histogram.Positive.Length + histogram.Negative.Length) * (LargestGap + 4)) * ProtobufBuffer.LongestNumber;

    public static void Write(ref ProtobufBuffer buffer, NativeHistogram histogram)
    {
        buffer.WriteNumber(Fields.Histogram.Count, (ulong)histogram.Count);
        buffer.WriteDouble(Fields.Histogram.Sum, histogram.Sum);
        buffer.WriteSigned(Fields.Histogram.Schema, histogram.Schema);
        buffer.WriteDouble(Fields.Histogram.ZeroThreshold, histogram.ZeroThreshold);
        buffer.WriteNumber(Fields.Histogram.ZeroCount, (ulong)histogram.ZeroCount);
        WriteSpans(ref buffer, Fields.Histogram.NegativeSpan, histogram.Negative);
        WriteDeltas(ref buffer, Fields.Histogram.NegativeDelta, histogram.Negative);
        WriteSpans(ref buffer, Fields.Histogram.PositiveSpan, histogram.Positive);
        WriteDeltas(ref buffer, Fields.Histogram.PositiveDelta, histogram.Positive);

        // Without observations, an empty span distinguishes a native histogram from a classic one.
        if (histogram.Positive.Length + histogram.Negative.Length == 0 && histogram.ZeroCount == 0)
            WriteSpan(ref buffer, Fields.Histogram.PositiveSpan, offset: 0, length: 0);
    }

    private static void WriteSpans(ref ProtobufBuffer buffer, int field, KeyValuePair<int, long>[] buckets)
    {
        // The first offset is an index. Each other offset is the number of empty buckets after the previous span.
        var end = 0;
        for (var i = 0; i < buckets.Length;)
        {
            var (start, offset) = (buckets[i].Key, buckets[i].Key - end);
            do
                end = buckets[i++].Key + 1;
            while (i < buckets.Length && buckets[i].Key - end <= LargestGap);
            WriteSpan(ref buffer, field, offset, end - start);
        }
    }

    private static void WriteSpan(ref ProtobufBuffer buffer, int field, int offset, int length)
    {
        var start = buffer.Begin(field);
        buffer.WriteSigned(Fields.Span.Offset, offset);
        buffer.WriteNumber(Fields.Span.Length, (uint)length);
        buffer.End(start);
    }

    private static void WriteDeltas(ref ProtobufBuffer buffer, int field, KeyValuePair<int, long>[] buckets)
    {
        var previous = 0L;
        for (var i = 0; i < buckets.Length; i++)
        {
            var gap = i == 0 ? 0 : buckets[i].Key - buckets[i - 1].Key - 1;
            for (; gap is > 0 and <= LargestGap; gap--, previous = 0)
                buffer.WriteSigned(field, -previous);
            buffer.WriteSigned(field, buckets[i].Value - previous);
            previous = buckets[i].Value;
        }
    }
}
