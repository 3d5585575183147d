namespace Orchestrator.Metrics;

/// <summary>
/// How metric and label names outside the legacy character set (ASCII letters, digits, underscore, and colon in
/// metric names) are written.
/// Source: https://prometheus.io/docs/instrumenting/escaping_schemes.
/// </summary>
public enum EscapingScheme
{
    /// <summary><c>underscores</c>: every other character becomes an underscore. The default.</summary>
    Underscores,

    /// <summary>
    /// <c>dots</c>: a dot becomes <c>_dot_</c>, an underscore two of them, in every name. Any other character becomes
    /// two underscores, as in <c>prometheus_client</c> and Prometheus itself.
    /// </summary>
    Dots,

    /// <summary>
    /// <c>values</c>: <c>U__</c>, then every other character as its code point in hexadecimal between underscores.
    /// </summary>
    Values,

    /// <summary><c>allow-utf-8</c>: names stay as they are, in quotes.</summary>
    AllowUtf8,
}
