namespace Orchestrator.Metrics;

/// <summary>
/// Specifies how metric and label names outside the legacy character set (ASCII letters, digits, underscore, and colon
/// in metric names) are written. A digit at the start of a name is also outside the set.
/// Source: https://prometheus.io/docs/instrumenting/escaping_schemes.
/// </summary>
public enum EscapingScheme
{
    /// <summary><c>underscores</c>: each character outside the set becomes an underscore. The default.</summary>
    Underscores,

    /// <summary>
    /// <c>dots</c>: in every name, a dot becomes <c>_dot_</c>, and an underscore becomes two underscores. Any other
    /// character outside the set becomes two underscores, as in <c>prometheus_client</c> and Prometheus itself. Do not
    /// use a label such as <c>_name_</c>, which becomes <c>__name__</c>: Prometheus then rejects the scrape.
    /// </summary>
    Dots,

    /// <summary>
    /// <c>values</c>: the name starts with <c>U__</c>. Each character outside the set becomes its hexadecimal code
    /// point between underscores, and an underscore becomes two underscores. Other names are unchanged.
    /// </summary>
    Values,

    /// <summary><c>allow-utf-8</c>: names are unchanged. In text, names outside the set are quoted.</summary>
    AllowUtf8,
}
