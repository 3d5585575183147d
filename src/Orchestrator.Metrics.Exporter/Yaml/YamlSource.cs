namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>The file of a value, and where its errors go.</summary>
internal sealed record YamlSource(string File, ConfigurationErrors Errors);
