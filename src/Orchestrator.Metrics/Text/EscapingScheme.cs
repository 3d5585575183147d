namespace Orchestrator.Metrics;

/// <summary>
/// The way in which metric and label names outside the legacy character set (ASCII letters, digits, underscore, and
/// colon in metric names) are written.
/// Source: https://prometheus.io/docs/instrumenting/escaping_schemes.
/// </summary>
public enum EscapingScheme
{
    /// <summary><c>underscores</c>: every other character becomes an underscore. The default.</summary>
    Underscores,

    /// <summary>
    /// <c>dots</c>: in every name, a dot becomes <c>_dot_</c> and an underscore becomes two underscores. Any other
    /// character becomes two underscores, as in <c>prometheus_client</c> and Prometheus itself.
    /// </summary>
    Dots,

    /// <summary>
    /// <c>values</c>: the prefix <c>U__</c>, then every other character as its hexadecimal code point between
    /// underscores.
    /// </summary>
    Values,

    /// <summary><c>allow-utf-8</c>: names are unchanged, in quotes.</summary>
    AllowUtf8,
}
