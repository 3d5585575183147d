using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>
/// Checks that the files of the monitoring pack are consistent. The tests need neither Docker nor Grafana.
/// </summary>
public class ConsistencyTests
{
    private static readonly JsonNode Services = MonitoringPack.ReadYaml("compose.yaml")["services"]!;
    private static readonly JsonNode Prometheus = MonitoringPack.ReadYaml("prometheus.yml");
    private static readonly JsonNode DataSource =
        MonitoringPack.ReadYaml("grafana/provisioning/datasources/prometheus.yml")["datasources"]![0]!;

    [Test]
    public void Containers_share_the_network_of_Prometheus_and_ports_are_published_on_localhost_only()
    {
        var target = (string)Prometheus["scrape_configs"]![0]!["static_configs"]![0]!["targets"]![0]!;
        var source = (string)DataSource["url"]!;

        foreach (var name in new[] { "orchestrator", "grafana" })
            Assert.That((string?)Services[name]!["network_mode"], Is.EqualTo("service:prometheus"));
        Assert.That(target, Is.EqualTo("localhost:5080"));
        Assert.That((string?)Services["orchestrator"]!["command"], Is.EqualTo("--urls http://*:5080"));
        Assert.That(source, Is.EqualTo("http://localhost:9090"), "The default port of Prometheus.");
        Assert.That(
            Services["prometheus"]!["ports"]!.AsArray().Select(port => (string)port!),
            Is.EquivalentTo(new[] { "127.0.0.1:9090:9090", "127.0.0.1:3000:3000", "127.0.0.1:5080:5080" }));
    }

    [Test]
    public void Mounted_and_copied_files_exist()
    {
        var volumes = Services.AsObject()
            .SelectMany(service => service.Value!["volumes"]?.AsArray() ?? [])
            .Select(volume => ((string)volume!).Split(':'))
            .ToArray();
        var root = MonitoringPack.GetPath((string)Services["orchestrator"]!["build"]!["context"]!);
        var copied = Regex.Matches(Dockerfile, "^COPY (?!--)(.*) \\S+$", RegexOptions.Multiline)
            .SelectMany(match => match.Groups[1].Value.Split(' '))
            .ToArray();

        Assert.That(volumes, Is.Not.Empty);
        Assert.That(volumes.Select(volume => volume[2]), Is.All.EqualTo("ro"));
        foreach (var volume in volumes)
            Assert.That(Path.Exists(MonitoringPack.GetPath(volume[0])), Is.True, volume[0]);
        Assert.That(Path.GetFullPath(root), Is.EqualTo(TestFiles.Root));
        Assert.That(copied, Is.SupersetOf(Directory.GetFiles(TestFiles.Root, "*.props").Select(Path.GetFileName)));
        foreach (var path in copied)
            Assert.That(Path.Exists(Path.Combine(root, path)), Is.True, path);
    }

    [Test]
    public void Dashboard_is_in_the_folder_that_Grafana_reads()
    {
        var grafana = Services["grafana"]!;
        var mounts = grafana["volumes"]!.AsArray()
            .Select(volume => ((string)volume!).Split(':'))
            .ToDictionary(volume => volume[1], volume => MonitoringPack.GetPath(volume[0]));
        var dashboards = MonitoringPack.ReadYaml("grafana/provisioning/dashboards/orchestrator.yml");
        var folder = (string)dashboards["providers"]!.AsArray().Single()!["options"]!["path"]!;
        var home = (string)grafana["environment"]!["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]!;

        Assert.That(Path.GetFullPath(mounts["/etc/grafana/provisioning"]),
            Is.EqualTo(MonitoringPack.GetPath("grafana/provisioning")));
        Assert.That(home, Does.StartWith(folder + "/"));
        Assert.That(File.Exists(mounts[folder] + home[folder.Length..]), Is.True);
    }

    [Test]
    public void Container_images_have_versions()
    {
        var images = Services.AsObject().Select(service => (string?)service.Value!["image"]).OfType<string>()
            .Concat(Regex.Matches(Dockerfile, "^FROM (\\S+)", RegexOptions.Multiline).Select(it => it.Groups[1].Value))
            .ToArray();

        Assert.That(images, Has.Length.EqualTo(4));
        Assert.That(images, Has.All.Match(@"^[\w./-]+:v?\d+\.\d+(\.\d+)?$"));
        Assert.That(images, Has.Some.EqualTo("mcr.microsoft.com/dotnet/sdk:" + SdkVersion));
    }

    [Test]
    public void Scrape_timeout_is_the_same_in_all_files()
    {
        var timeout = ParseSeconds((string)Prometheus["global"]!["scrape_timeout"]!);
        var slow = MonitoringPack.ReadAlerts().Single(alert => (string)alert["alert"]! == "OrchestratorScrapeSlow");
        var limit = int.Parse(
            ((string)slow["expr"]!).Split("> ")[1], CultureInfo.InvariantCulture);
        var panel = Dashboard.GetPanel("Scrape duration");

        Assert.That(timeout, Is.LessThan(ParseSeconds((string)Prometheus["global"]!["scrape_interval"]!)));
        Assert.That(limit, Is.LessThan(timeout));
        Assert.That(
            (string)slow["annotations"]!["description"]!,
            Does.Contain($"more than {limit} s").And.Contain($"timeout of {timeout} s"));
        Assert.That(
            (int)panel["fieldConfig"]!["defaults"]!["thresholds"]!["steps"]![1]!["value"]!, Is.EqualTo(timeout));
    }

    [Test]
    public void Data_source_has_the_scrape_interval_of_Prometheus() =>
        Assert.That(
            (string?)DataSource["jsonData"]!["timeInterval"],
            Is.EqualTo((string?)Prometheus["global"]!["scrape_interval"]));

    private static string Dockerfile => (string)Services["orchestrator"]!["build"]!["dockerfile_inline"]!;

    private static string SdkVersion => string.Join('.',
        ((string)JsonNode.Parse(File.ReadAllText(Path.Combine(TestFiles.Root, "global.json")))!["sdk"]!["version"]!)
        .Split('.')[..2]);

    private static int ParseSeconds(string duration) =>
        int.Parse(duration.TrimEnd('s'), CultureInfo.InvariantCulture);
}
