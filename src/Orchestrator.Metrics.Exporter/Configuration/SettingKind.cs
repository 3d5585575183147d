namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>The format of the values of a setting.</summary>
internal enum SettingKind
{
    Text,

    /// <summary>
    /// A string that is never printed and has no flag. A second setting contains the path of a file with the string.
    /// </summary>
    Secret,

    /// <summary>A duration in the Prometheus format, such as <c>30s</c>.</summary>
    Duration,

    /// <summary>A positive integer.</summary>
    Integer,

    Share,

    /// <summary>
    /// <c>true</c>, <c>yes</c>, <c>on</c> or <c>1</c>; <c>false</c>, <c>no</c>, <c>off</c> or <c>0</c>.
    /// </summary>
    Boolean,

    Choice,

    /// <summary>A list in the file; elsewhere, values separated by commas.</summary>
    List,

    /// <summary>A map in the file; elsewhere, pairs <c>name=value</c> separated by commas.</summary>
    Map,

    /// <summary>A part of the file that other code reads. It has neither a flag nor an environment variable.</summary>
    Node,
}
