using Orchestrator.Metrics.Exposition;

namespace Orchestrator.Metrics;

/// <summary>An exposition format: how a snapshot becomes text. Immutable.</summary>
public sealed record ExpositionFormat
{
    private ExpositionFormat(string mediaType, string version, EscapingScheme escaping)
    {
        MediaType = mediaType;
        Version = version;
        Escaping = escaping;
    }

    /// <summary>
    /// Prometheus text 0.0.4, which every reader understands. Other characters in names become underscores.
    /// </summary>
    public static ExpositionFormat PrometheusText { get; } = new(TextType, "0.0.4", EscapingScheme.Underscores);

    /// <summary>Prometheus text 1.0.0: the same with a choice of <see cref="EscapingScheme"/>.</summary>
    public static ExpositionFormat PrometheusTextV1 { get; } = new(TextType, "1.0.0", EscapingScheme.Underscores);

    /// <summary>OpenMetrics 1.0.0: units, exemplars, created times and all eight types.</summary>
    public static ExpositionFormat OpenMetrics { get; } = new(OpenMetricsType, "1.0.0", EscapingScheme.Underscores);

    /// <summary>How names outside the legacy character set are written.</summary>
    public EscapingScheme Escaping { get; }

    /// <summary>The version of the format, such as <c>0.0.4</c>.</summary>
    public string Version { get; }

    /// <summary>The value for the header <c>Content-Type</c>.</summary>
    public string ContentType => HasEscaping
        ? $"{MediaType}; version={Version}; charset=utf-8; escaping={EscapingName(Escaping)}"
        : $"{MediaType}; version={Version}; charset=utf-8";

    internal const string TextType = "text/plain";

    internal const string OpenMetricsType = "application/openmetrics-text";

    /// <summary>What Prometheus before 2.49 asks for besides 1.0.0; the text is the same.</summary>
    internal static ExpositionFormat OpenMetrics001 { get; } = new(
        OpenMetricsType, "0.0.1", EscapingScheme.Underscores);

    internal string MediaType { get; }

    internal bool IsOpenMetrics => MediaType == OpenMetricsType;

    internal bool HasEscaping => Version == "1.0.0";

    /// <summary>The format that suits a reader best.</summary>
    /// <param name="accept">
    /// The header <c>Accept</c> of its request; several headers are joined by commas. Null or empty if there is none.
    /// </param>
    /// <returns>
    /// The format with the highest quality value, the first of several with the same;
    /// <see cref="PrometheusText"/> if none is known. Never throws: what cannot be read counts as unknown.
    /// </returns>
    /// <remarks>Source: https://prometheus.io/docs/instrumenting/content_negotiation.</remarks>
    public static ExpositionFormat Negotiate(string? accept) => AcceptHeader.Negotiate(accept);

    /// <summary>The same format with another way to write names.</summary>
    /// <param name="escaping">The escaping scheme.</param>
    /// <exception cref="ArgumentException">The format is Prometheus text 0.0.4, which has underscores only.</exception>
    public ExpositionFormat WithEscaping(EscapingScheme escaping)
    {
        if (!HasEscaping && escaping != EscapingScheme.Underscores)
            throw new ArgumentException(
                $"'{MediaType}; version={Version}' has no escaping scheme but underscores. Use " +
                $"{nameof(PrometheusTextV1)} or {nameof(OpenMetrics)}.", nameof(escaping));
        return new(MediaType, Version, escaping);
    }

    /// <summary>The value for the header <c>Content-Type</c>.</summary>
    public override string ToString() => ContentType;

    private static string EscapingName(EscapingScheme escaping) => escaping switch
    {
        EscapingScheme.Dots => "dots",
        EscapingScheme.Values => "values",
        EscapingScheme.AllowUtf8 => "allow-utf-8",
        _ => "underscores",
    };
}
