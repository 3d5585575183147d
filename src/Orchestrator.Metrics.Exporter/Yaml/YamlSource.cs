using YamlDotNet.RepresentationModel;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>The file of a value, and where its errors go.</summary>
internal sealed record YamlSource(string File, ConfigurationErrors Errors)
{
    /// <summary>
    /// The maps that others merge. Each is read once, because maps that merge the previous one twice double the work at
    /// each step.
    /// </summary>
    public Dictionary<YamlMappingNode, YamlMap> Merged { get; } = new(ReferenceEqualityComparer.Instance);
}
