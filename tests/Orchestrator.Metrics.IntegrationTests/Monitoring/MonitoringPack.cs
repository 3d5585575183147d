using System.Text.Json.Nodes;
using YamlDotNet.Serialization;

namespace Orchestrator.Metrics.Tests.Monitoring;

internal static class MonitoringPack
{
    public static string Folder { get; } = System.IO.Path.Combine(TestFiles.Root, "samples", "monitoring");

    public static string[] UnitTests => Directory.GetFiles(GetPath("tests"), "*.test.yml");

    public static string GetPath(string name) => System.IO.Path.Combine(Folder, name);

    public static string ReadText(string name) => File.ReadAllText(GetPath(name));

    /// <summary>Reads a YAML file as equivalent JSON, in which every scalar is a string.</summary>
    public static JsonNode ReadYaml(string name)
    {
        var value = new DeserializerBuilder().Build().Deserialize(ReadText(name));
        return JsonNode.Parse(new SerializerBuilder().JsonCompatible().Build().Serialize(value))!;
    }

    public static JsonNode[] ReadRules() =>
    [
        .. Directory.GetFiles(GetPath("rules"))
            .SelectMany(file => ReadYaml(file)["groups"]!.AsArray())
            .SelectMany(group => group!["rules"]!.AsArray())
            .Select(rule => rule!),
    ];

    public static IEnumerable<JsonNode> ReadAlerts() => ReadRules().Where(rule => rule["alert"] is not null);
}
