using YamlDotNet.RepresentationModel;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>The file that contains a value, and the receiver of errors about the value.</summary>
internal sealed record YamlSource(string File, ConfigurationErrors Errors)
{
    /// <summary>
    /// The maps that other maps merge. Each is read once: in a chain of maps that merge the previous map twice, the
    /// work would otherwise double at each step.
    /// </summary>
    public Dictionary<YamlMappingNode, YamlMap> Merged { get; } = new(ReferenceEqualityComparer.Instance);
}
