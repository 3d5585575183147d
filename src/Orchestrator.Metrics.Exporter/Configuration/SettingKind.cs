namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>How the values of a setting are written.</summary>
internal enum SettingKind
{
    /// <summary>A string.</summary>
    Text,

    /// <summary>A string that is never printed and has no flag. A second setting names a file for it.</summary>
    Secret,

    /// <summary>A duration in the Prometheus format, such as <c>30s</c>.</summary>
    Duration,

    /// <summary>An integer.</summary>
    Integer,

    /// <summary>A number above 0 and at most 1.</summary>
    Share,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>One of <see cref="Setting.Choices"/>.</summary>
    Choice,

    /// <summary>A list in the file, values separated by commas elsewhere.</summary>
    List,

    /// <summary>A map in the file, <c>name=value</c> separated by commas elsewhere.</summary>
    Map,

    /// <summary>A part of the file that other code reads. Has neither flag nor environment variable.</summary>
    Node,
}
