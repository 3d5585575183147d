using YamlDotNet.RepresentationModel;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>The file that contains a value, and the receiver of its errors.</summary>
internal sealed record YamlSource(string File, ConfigurationErrors Errors)
{
    /// <summary>
    /// The maps that others merge. Each is read once, because a chain of maps that each merge the previous
    /// one twice would double the work at each step.
    /// </summary>
    public Dictionary<YamlMappingNode, YamlMap> Merged { get; } = new(ReferenceEqualityComparer.Instance);
}
