using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>That the files of the monitoring pack fit together. Docker and Grafana are not here to try them.</summary>
public class ConsistencyTests
{
    private static readonly JsonNode Services = MonitoringPack.Yaml("compose.yaml")["services"]!;
    private static readonly JsonNode Prometheus = MonitoringPack.Yaml("prometheus.yml");
    private static readonly JsonNode DataSource =
        MonitoringPack.Yaml("grafana/provisioning/datasources/prometheus.yml")["datasources"]![0]!;

    [Test]
    public void All_containers_share_the_network_of_prometheus_which_publishes_their_ports_on_this_machine_only()
    {
        var target = (string)Prometheus["scrape_configs"]![0]!["static_configs"]![0]!["targets"]![0]!;
        var source = (string)DataSource["url"]!;

        foreach (var name in new[] { "orchestrator", "grafana" })
            Assert.That((string?)Services[name]!["network_mode"], Is.EqualTo("service:prometheus"));
        Assert.That(target, Is.EqualTo("localhost:5080"));
        Assert.That((string?)Services["orchestrator"]!["command"], Is.EqualTo("--urls http://*:5080"));
        Assert.That(source, Is.EqualTo("http://localhost:9090"), "The port that Prometheus has by default.");
        Assert.That(
            Services["prometheus"]!["ports"]!.AsArray().Select(port => (string)port!),
            Is.EquivalentTo(new[] { "127.0.0.1:9090:9090", "127.0.0.1:3000:3000", "127.0.0.1:5080:5080" }));
    }

    [Test]
    public void What_is_mounted_and_copied_exists()
    {
        var volumes = Services.AsObject()
            .SelectMany(service => service.Value!["volumes"]?.AsArray() ?? [])
            .Select(volume => ((string)volume!).Split(':'))
            .ToArray();
        var root = MonitoringPack.Path((string)Services["orchestrator"]!["build"]!["context"]!);
        var copied = Regex.Matches(Dockerfile, "^COPY (?!--)(.*) \\S+$", RegexOptions.Multiline)
            .SelectMany(match => match.Groups[1].Value.Split(' '))
            .ToArray();

        Assert.That(volumes, Is.Not.Empty);
        Assert.That(volumes.Select(volume => volume[2]), Is.All.EqualTo("ro"));
        foreach (var volume in volumes)
            Assert.That(Path.Exists(MonitoringPack.Path(volume[0])), Is.True, volume[0]);
        Assert.That(Path.GetFullPath(root), Is.EqualTo(TestFiles.Root));
        Assert.That(copied, Is.SupersetOf(Directory.GetFiles(TestFiles.Root, "*.props").Select(Path.GetFileName)));
        foreach (var path in copied)
            Assert.That(Path.Exists(Path.Combine(root, path)), Is.True, path);
    }

    [Test]
    public void The_dashboard_is_where_Grafana_looks_for_it()
    {
        var grafana = Services["grafana"]!;
        var mounts = grafana["volumes"]!.AsArray()
            .Select(volume => ((string)volume!).Split(':'))
            .ToDictionary(volume => volume[1], volume => MonitoringPack.Path(volume[0]));
        var providers = MonitoringPack.Yaml("grafana/provisioning/dashboards/orchestrator.yml")["providers"]!.AsArray();
        var folder = (string)providers.Single()!["options"]!["path"]!;
        var home = (string)grafana["environment"]!["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]!;

        Assert.That(Path.GetFullPath(mounts["/etc/grafana/provisioning"]),
            Is.EqualTo(MonitoringPack.Path("grafana/provisioning")));
        Assert.That(home, Does.StartWith(folder + "/"));
        Assert.That(File.Exists(mounts[folder] + home[folder.Length..]), Is.True);
    }

    [Test]
    public void Images_have_versions()
    {
        var images = Services.AsObject().Select(service => (string?)service.Value!["image"]).OfType<string>()
            .Concat(Regex.Matches(Dockerfile, "^FROM (\\S+)", RegexOptions.Multiline).Select(it => it.Groups[1].Value))
            .ToArray();

        Assert.That(images, Has.Length.EqualTo(4));
        Assert.That(images, Has.All.Match(@"^[\w./-]+:v?\d+\.\d+(\.\d+)?$"));
        Assert.That(images, Has.Some.EqualTo("mcr.microsoft.com/dotnet/sdk:" + SdkVersion));
    }

    [Test]
    public void The_timeout_of_scrapes_is_the_same_everywhere()
    {
        var timeout = Seconds((string)Prometheus["global"]!["scrape_timeout"]!);
        var slow = MonitoringPack.Alerts().Single(alert => (string)alert["alert"]! == "OrchestratorScrapeSlow");
        var limit = int.Parse(
            ((string)slow["expr"]!).Split("> ")[1], CultureInfo.InvariantCulture);
        var panel = Dashboard.DataPanels.Single(panel => (string)panel["title"]! == "Scrape duration");

        Assert.That(timeout, Is.LessThan(Seconds((string)Prometheus["global"]!["scrape_interval"]!)));
        Assert.That(limit, Is.LessThan(timeout));
        Assert.That(
            (string)slow["annotations"]!["description"]!,
            Does.Contain($"more than {limit} s").And.Contain($"{timeout} s,"));
        Assert.That(
            (int)panel["fieldConfig"]!["defaults"]!["thresholds"]!["steps"]![1]!["value"]!, Is.EqualTo(timeout));
    }

    [Test]
    public void The_data_source_knows_how_often_Prometheus_scrapes() =>
        Assert.That(
            (string?)DataSource["jsonData"]!["timeInterval"],
            Is.EqualTo((string?)Prometheus["global"]!["scrape_interval"]));

    private static string Dockerfile => (string)Services["orchestrator"]!["build"]!["dockerfile_inline"]!;

    private static string SdkVersion => string.Join('.',
        ((string)JsonNode.Parse(File.ReadAllText(Path.Combine(TestFiles.Root, "global.json")))!["sdk"]!["version"]!)
        .Split('.')[..2]);

    private static int Seconds(string duration) =>
        int.Parse(duration.TrimEnd('s'), CultureInfo.InvariantCulture);
}
