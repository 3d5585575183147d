using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Exporter.CollectorFiles;
using Orchestrator.Metrics.Exporter.Tests.CollectorFiles;
using Orchestrator.Metrics.Exporter.Tests.Sources;
using Orchestrator.Metrics.Exporter.Tests.Web;
using Orchestrator.Metrics.Exporter.Web;
using Orchestrator.Metrics.Exporter.Yaml;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Docs;

// The examples and the listed keys of the documentation match the program.
internal sealed partial class DocumentationTests
{
    [Test]
    public void Collector_files_of_the_documentation_load()
    {
        string[] files =
        [
            .. FindBlocks("sql-metrics.md")
                .Where(block => block.StartsWith("collector_name", StringComparison.Ordinal)),
        ];

        Assert.That(TestCollectors.LoadAll(files), Has.Count.EqualTo(2));
    }

    [Test]
    public void Sources_of_the_documentation_load()
    {
        using var folder = new TemporaryFolder();
        folder.Write("north.key", "k");
        folder.Write("south.token", "t");

        Assert.That(FindBlocks("sources.md").Sum(block => SourceHost.Read(block, folder.Path).Count), Is.EqualTo(3));
    }

    [Test]
    public void Documentation_lists_all_keys_of_a_source() => Assert.That(
        FindKeysInTables("sources.md"), Is.EqualTo(FindKnownKeys("sources: [{}]", yaml => SourceHost.Read(yaml))));

    [Test]
    public void Documentation_lists_all_keys_of_a_collector_file()
    {
        string[] keys =
        [
            .. FindKnownKeys("{}", ReadFile),
            .. FindKnownKeys("collector_name: a\nmetrics: [{}]", ReadFile),
            .. FindKnownKeys("collector_name: a\nmetrics: [1]\nqueries: [{}]", ReadFile),
        ];

        Assert.That(FindKeysInTables("sql-metrics.md"), Is.EquivalentTo(keys.Except(["query_name"]).Distinct()));
    }

    [Test]
    public void Web_configuration_of_the_documentation_loads()
    {
        using var folder = new TemporaryFolder();
        using var root = TestCertificate.CreateRoot();
        using var certificate = root.IssueServer();
        certificate.Write(folder.Path);
        var block = FindBlocks("security.md")
            .Single(block => block.StartsWith("tls_server_config", StringComparison.Ordinal));

        var config = WebConfigReader.Read(Path.Combine(folder.Path, "web.yml"), block, NullLogger.Instance);

        Assert.That(config.Tls, Is.Not.Null);
        Assert.That(config.Users, Is.Not.Null);
    }

    [Test]
    public void Documentation_names_all_keys_of_a_web_configuration()
    {
        string[] keys =
        [
            .. FindKnownKeys("{}", ReadWeb),
            .. FindKnownKeys("http_server_config: {}", ReadWeb),
            .. FindKnownKeys("tls_server_config: {}", ReadWeb),
        ];

        Assert.That(keys, Has.Length.EqualTo(4 + 2 + 13).And.All.Matches<string>(
            key => ReadText("security.md").Contains(key!, StringComparison.Ordinal)));
    }

    private static void ReadWeb(string yaml) => WebConfigReader.Read("web.yml", yaml, NullLogger.Instance);

    private static void ReadFile(string yaml)
    {
        var errors = new ConfigurationErrors();
        new CollectorFileReader().Read(YamlFile.Parse(yaml, "a.yml", errors)!);
        errors.ThrowIfAny();
    }

    /// <summary>Adds an unknown key to the empty map of a text, and returns the keys that the error lists.</summary>
    private static string[] FindKnownKeys(string yaml, Action<string> read)
    {
        var error = Assert.Throws<ConfigurationException>(() => read(yaml.Replace("{}", "{zzzzzzzz: 1}")))!;
        return KnownKeysList().Match(error.Message).Groups[1].Value.Split(", ");
    }

    private static string[] FindKeysInTables(string file) =>
    [
        .. TableRow().Matches(ReadText(file)).SelectMany(row => Code().Matches(row.Groups[1].Value))
            .Select(code => code.Groups[1].Value)
            .Order(StringComparer.Ordinal),
    ];

    private static IEnumerable<string> FindBlocks(string file) =>
        Block().Matches(ReadText(file)).Select(block => block.Groups[1].Value);

    private static string ReadText(string file) =>
        File.ReadAllText(Path.Combine(TestFiles.Root, "src", "Orchestrator.Metrics.Exporter", "docs", file));

    [GeneratedRegex("```yaml\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"^\| ((?:`[a-z_]+`(?:, | or )?)+) \|", RegexOptions.Multiline)]
    private static partial Regex TableRow();

    [GeneratedRegex("`([a-z_]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"Known keys: ([a-z0-9_, ]+)\.")]
    private static partial Regex KnownKeysList();
}
