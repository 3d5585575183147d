using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>The files in <c>samples/monitoring</c>.</summary>
internal static class MonitoringPack
{
    public static string Folder { get; } = System.IO.Path.Combine(TestFiles.Root, "samples", "monitoring");

    public static string[] UnitTests => Directory.GetFiles(Path("tests"), "*.test.yml");

    public static string Path(string name) => System.IO.Path.Combine(Folder, name);

    public static string Text(string name) => File.ReadAllText(Path(name));

    /// <summary>A YAML file as equivalent JSON, in which every scalar is a string.</summary>
    public static JsonNode Yaml(string name)
    {
        var value = new DeserializerBuilder().Build().Deserialize(Text(name));
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(value))!;
    }

    /// <summary>The recording and alerting rules in the files.</summary>
    public static JsonNode[] Rules() =>
    [
        .. Directory.GetFiles(Path("rules"))
            .SelectMany(file => Yaml(file)["groups"]!.AsArray())
            .SelectMany(group => group!["rules"]!.AsArray())
            .Select(rule => rule!),
    ];

    public static IEnumerable<JsonNode> Alerts() => Rules().Where(rule => rule["alert"] is not null);
}
