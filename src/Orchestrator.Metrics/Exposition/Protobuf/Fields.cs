namespace Orchestrator.Metrics.Exposition.Protobuf;

/// <summary>
/// The field numbers of the protobuf messages of Prometheus.
/// Source: https://github.com/prometheus/client_model, metrics.proto.
/// </summary>
internal static class Fields
{
    public static class Family
    {
        public const int Name = 1;
        public const int Help = 2;
        public const int Type = 3;
        public const int Metric = 4;
        public const int Unit = 5;
    }

    public static class Metric
    {
        public const int Label = 1;
        public const int Gauge = 2;
        public const int Counter = 3;
        public const int Summary = 4;
        public const int Untyped = 5;
        public const int TimestampMilliseconds = 6;
        public const int Histogram = 7;
    }

    public static class LabelPair
    {
        public const int Name = 1;
        public const int Value = 2;
    }

    /// <summary>
    /// A gauge, a counter, or a metric of unknown type. Only a counter contains an exemplar or a creation time.
    /// </summary>
    public static class Number
    {
        public const int Value = 1;
        public const int Exemplar = 2;
        public const int Created = 3;
    }

    public static class Summary
    {
        public const int Count = 1;
        public const int Sum = 2;
        public const int Quantile = 3;
        public const int Created = 4;
    }

    public static class Quantile
    {
        public const int Fraction = 1;
        public const int Value = 2;
    }

    public static class Histogram
    {
        public const int Count = 1;
        public const int Sum = 2;
        public const int Bucket = 3;
        public const int CountFloat = 4;
        public const int Schema = 5;
        public const int ZeroThreshold = 6;
        public const int ZeroCount = 7;
        public const int NegativeSpan = 9;
        public const int NegativeDelta = 10;
        public const int PositiveSpan = 12;
        public const int PositiveDelta = 13;
        public const int Created = 15;
        public const int Exemplar = 16;
    }

    public static class Bucket
    {
        public const int Count = 1;
        public const int UpperBound = 2;
        public const int Exemplar = 3;
        public const int CountFloat = 4;
    }

    public static class Span
    {
        public const int Offset = 1;
        public const int Length = 2;
    }

    public static class Exemplar
    {
        public const int Label = 1;
        public const int Value = 2;
        public const int Timestamp = 3;
    }

    public static class Timestamp
    {
        public const int Seconds = 1;
        public const int Nanoseconds = 2;
    }
}
