namespace Orchestrator.Metrics;

/// <summary>
/// Specifies how the names of instruments and tags become names of metric families and labels.
/// Source: https://opentelemetry.io/docs/specs/otel/metrics/sdk_exporters/prometheus/#translation-strategy.
/// </summary>
/// <remarks>
/// A legacy name contains only ASCII letters, digits, underscores and, for families, colons. The endpoint sends other
/// names only to readers that request <c>escaping=allow-utf-8</c>, as Prometheus 3 does, and escapes them for all other
/// readers. Labels of a series that are equal after escaping become one label, for all readers. Their values are joined
/// with <c>;</c>.
/// </remarks>
public enum TranslationStrategy
{
    /// <summary>
    /// The default. Each run of underscores and of characters that legacy names do not allow becomes one underscore,
    /// and the unit and <c>_total</c> are appended: the counter <c>acme.traffic</c> with the unit <c>By</c> becomes
    /// <c>acme_traffic_bytes_total</c>.
    /// </summary>
    UnderscoreEscapingWithSuffixes,

    /// <summary>
    /// Each run of underscores and of characters that legacy names do not allow becomes one underscore:
    /// <c>acme_traffic</c>. Counters are of type unknown in OpenMetrics, which does not allow counters without
    /// <c>_total</c>.
    /// </summary>
    UnderscoreEscapingWithoutSuffixes,

    /// <summary>
    /// Characters are kept, and the unit and <c>_total</c> are appended: <c>acme.traffic_bytes_total</c>.
    /// </summary>
    NoUtf8EscapingWithSuffixes,

    /// <summary>
    /// Names are kept: <c>acme.traffic</c>. Counters are of type unknown in OpenMetrics, which does not allow
    /// counters without <c>_total</c>.
    /// </summary>
    NoTranslation,
}
