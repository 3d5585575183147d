using Orchestrator.Metrics.Exposition;

namespace Orchestrator.Metrics;

/// <summary>An exposition format: the representation of a snapshot as text or bytes. Immutable.</summary>
public sealed record ExpositionFormat
{
    private ExpositionFormat(string mediaType, string version, EscapingScheme escaping)
    {
        MediaType = mediaType;
        Version = version;
        Escaping = escaping;
    }

    /// <summary>
    /// Prometheus text 0.0.4, which every reader accepts. In names, characters outside the legacy set become
    /// underscores.
    /// </summary>
    public static ExpositionFormat PrometheusText { get; } = new(TextType, "0.0.4", EscapingScheme.Underscores);

    /// <summary>Prometheus text 1.0.0: version 0.0.4 with a choice of <see cref="EscapingScheme"/>.</summary>
    public static ExpositionFormat PrometheusTextV1 { get; } = new(TextType, "1.0.0", EscapingScheme.Underscores);

    /// <summary>OpenMetrics 1.0.0: units, exemplars, creation times and all eight types.</summary>
    public static ExpositionFormat OpenMetrics { get; } = new(OpenMetricsType, "1.0.0", EscapingScheme.Underscores);

    /// <summary>
    /// Delimited protobuf messages, one <c>io.prometheus.client.MetricFamily</c> per family: the only format with
    /// native histograms. Contains units, exemplars and creation times; an info and a stateset become gauges. A
    /// Prometheus server that ingests native histograms requests this format.
    /// </summary>
    /// <remarks>
    /// A metric is written in full, even if <see cref="MetricsSnapshot.Restrict"/> selects only some of its samples.
    /// Families without samples are omitted.
    /// Source: https://prometheus.io/docs/instrumenting/exposition_formats, section "Protobuf format".
    /// </remarks>
    public static ExpositionFormat Protobuf { get; } = new(ProtobufType, "", EscapingScheme.Underscores);

    /// <summary>The escaping scheme for names outside the legacy character set.</summary>
    public EscapingScheme Escaping { get; }

    /// <summary>The version of the format, such as <c>0.0.4</c>; empty for protobuf.</summary>
    public string Version { get; }

    /// <summary>The value of the <c>Content-Type</c> header.</summary>
    public string ContentType => IsProtobuf
        ? $"{MediaType}; proto={ProtobufMessage}; encoding={ProtobufEncoding}{ProtobufEscaping}"
        : HasEscaping ? $"{MediaType}; version={Version}; charset=utf-8; escaping={GetEscapingName(Escaping)}"
        : $"{MediaType}; version={Version}; charset=utf-8";

    internal const string TextType = "text/plain";

    internal const string OpenMetricsType = "application/openmetrics-text";

    internal const string ProtobufType = "application/vnd.google.protobuf";

    internal const string ProtobufMessage = "io.prometheus.client.MetricFamily";

    internal const string ProtobufEncoding = "delimited";

    /// <summary>
    /// OpenMetrics 0.0.1, which Prometheus before 2.49 requests in addition to 1.0.0. Both versions have the same text.
    /// </summary>
    internal static ExpositionFormat OpenMetrics001 { get; } = new(
        OpenMetricsType, "0.0.1", EscapingScheme.Underscores);

    internal string MediaType { get; }

    internal bool IsOpenMetrics => MediaType == OpenMetricsType;

    internal bool IsProtobuf => MediaType == ProtobufType;

    internal bool HasEscaping => Version == "1.0.0" || IsProtobuf;

    // If Prometheus requests protobuf without an escaping scheme, it expects underscores.
    private string ProtobufEscaping =>
        Escaping == EscapingScheme.Underscores ? "" : $"; escaping={GetEscapingName(Escaping)}";

    /// <summary>Returns the format that a client prefers.</summary>
    /// <param name="accept">
    /// The <c>Accept</c> header of the request; join several headers with commas. Null or empty if there is none.
    /// </param>
    /// <returns>
    /// The format with the highest quality value, or the first of several such formats; <see cref="PrometheusText"/> if
    /// no format is known, or the header is longer than 4096 characters. Never throws: invalid elements count as
    /// unknown.
    /// </returns>
    /// <remarks>Source: https://prometheus.io/docs/instrumenting/content_negotiation.</remarks>
    public static ExpositionFormat Negotiate(string? accept) => AcceptHeader.Negotiate(accept);

    /// <summary>Returns the same format with another escaping scheme.</summary>
    /// <param name="escaping">The escaping scheme.</param>
    /// <exception cref="ArgumentException">
    /// The format (Prometheus text 0.0.4, or OpenMetrics 0.0.1 from <see cref="Negotiate"/>) supports underscores only.
    /// </exception>
    public ExpositionFormat WithEscaping(EscapingScheme escaping)
    {
        if (!HasEscaping && escaping != EscapingScheme.Underscores)
            throw new ArgumentException(
                $"'{MediaType}; version={Version}' does not support the escaping scheme {escaping}, only " +
                $"{EscapingScheme.Underscores}. Use {nameof(PrometheusTextV1)}, {nameof(OpenMetrics)} or " +
                $"{nameof(Protobuf)}.", nameof(escaping));
        return new(MediaType, Version, escaping);
    }

    /// <summary>Returns the value of the <c>Content-Type</c> header.</summary>
    public override string ToString() => ContentType;

    private static string GetEscapingName(EscapingScheme escaping) => escaping switch
    {
        EscapingScheme.Dots => "dots",
        EscapingScheme.Values => "values",
        EscapingScheme.AllowUtf8 => "allow-utf-8",
        _ => "underscores",
    };
}
