using System.Text.Json.Nodes;
using System.Xml.Linq;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>
/// The exporter's files for Kubernetes, Docker Compose and systemd. These tests do not run them. build/exporter.sh runs
/// the program, its container image and the systemd unit.
/// </summary>
public class DeploymentTests
{
    private const string Name = "orchestrator-metrics-exporter";
    private const string Label = "app.kubernetes.io/name";

    private static readonly string Folder =
        Path.Combine(TestFiles.Root, "src", "Orchestrator.Metrics.Exporter", "deploy");

    private static readonly JsonNode Deployment = Read("kubernetes/deployment.yaml");
    private static readonly JsonNode Service = Read("kubernetes/service.yaml");
    private static readonly JsonNode ServiceMonitor = Read("kubernetes/prometheus-operator/servicemonitor.yaml");
    private static readonly JsonNode Compose = Read("compose.yaml");

    private static JsonNode Pod => Deployment["spec"]!["template"]!["spec"]!;

    private static JsonNode Container => Pod["containers"]!.AsArray().Single()!;

    // The manifest contains a copy of the rules. To update it after a change, set UPDATE_DOCS=1 and run this test.
    [Test]
    public void PrometheusRule_has_the_rules_of_the_monitoring_pack()
    {
        var path = Path.Combine(Folder, "kubernetes", "prometheus-operator", "prometheusrule.yaml");
        var groups = Directory.GetFiles(MonitoringPack.GetPath("rules")).Order(StringComparer.Ordinal)
            .SelectMany(file => File.ReadAllLines(file).SkipWhile(line => line != "groups:").Skip(1))
            .Select(line => line.Length == 0 ? line : "  " + line);
        var expected =
            $"""
            # The rules of samples/monitoring for the Prometheus Operator. README.md there describes the alerts. Add the labels
            # that your Prometheus selects (ruleSelector).
            apiVersion: monitoring.coreos.com/v1
            kind: PrometheusRule
            metadata:
              name: {Name}
              labels:
                {Label}: {Name}
            spec:
              groups:
            {string.Join('\n', groups)}

            """;
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(path, expected);

        Assert.That(
            File.ReadAllText(path), Is.EqualTo(expected),
            "prometheusrule.yaml differs from the rules. Set UPDATE_DOCS=1 and run this test.");
        Assert.That(
            Read(path)["spec"]!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Count(),
            Is.EqualTo(MonitoringPack.ReadRules().Length));
    }

    [Test]
    public void Images_have_the_version_of_the_packages()
    {
        var props = XDocument.Load(Path.Combine(TestFiles.Root, "build", "Library.props")).Descendants()
            .ToLookup(element => element.Name.LocalName, element => element.Value);
        var image = $"{Name}:{props["VersionPrefix"].Single()}-{props["VersionSuffix"].Single()}";

        Assert.That((string?)Container["image"], Is.EqualTo(image));
        Assert.That((string?)Compose["services"]!["exporter"]!["image"], Is.EqualTo(image));
    }

    [Test]
    public void Deployment_service_and_monitor_select_each_other()
    {
        var monitor = ServiceMonitor["spec"]!;

        foreach (var labels in new[]
        {
            Deployment["spec"]!["selector"]!["matchLabels"]!,
            Deployment["spec"]!["template"]!["metadata"]!["labels"]!,
            Service["spec"]!["selector"]!,
            Service["metadata"]!["labels"]!,
            monitor["selector"]!["matchLabels"]!,
        })
            Assert.That(labels.ToJsonString(), Is.EqualTo($$"""{"{{Label}}":"{{Name}}"}"""));
        var port = Service["spec"]!["ports"]!.AsArray().Single()!;
        var endpoint = monitor["endpoints"]!.AsArray().Single()!;
        var containerPort = Container["ports"]!.AsArray().Single()!;
        Assert.That((string?)containerPort["containerPort"], Is.EqualTo("9799"));
        Assert.That((string?)port["targetPort"], Is.EqualTo((string?)containerPort["name"]));
        Assert.That((string?)endpoint["port"], Is.EqualTo((string?)port["name"]));
        Assert.That(
            (string?)Service["metadata"]!["name"], Does.Contain("orchestrator"), "The rules select jobs by this word.");
    }

    // The rules treat the targets of a job as replicas of one orchestrator.
    [Test]
    public void Orchestrators_of_two_namespaces_are_two_jobs()
    {
        var relabeling = ServiceMonitor["spec"]!["endpoints"]![0]!["relabelings"]!.AsArray().Single()!;

        Assert.That(
            relabeling.ToJsonString(),
            Is.EqualTo(
                """
                {"sourceLabels":["__meta_kubernetes_namespace","__meta_kubernetes_service_name"],"separator":"/","targetLabel":"job"}
                """));
    }

    [Test]
    public void Container_has_only_the_required_rights()
    {
        var pod = Pod["securityContext"]!;
        var container = Container["securityContext"]!;

        Assert.Multiple(() =>
        {
            Assert.That((string?)Pod["automountServiceAccountToken"], Is.EqualTo("false"));
            Assert.That((string?)pod["runAsNonRoot"], Is.EqualTo("true"));
            Assert.That((string?)pod["runAsUser"], Is.EqualTo("65532"));
            Assert.That((string?)pod["seccompProfile"]!["type"], Is.EqualTo("RuntimeDefault"));
            Assert.That((string?)container["allowPrivilegeEscalation"], Is.EqualTo("false"));
            Assert.That((string?)container["readOnlyRootFilesystem"], Is.EqualTo("true"));
            Assert.That((string?)container["capabilities"]!["drop"]![0], Is.EqualTo("ALL"));
            Assert.That((string?)Compose["services"]!["exporter"]!["read_only"], Is.EqualTo("true"));
            Assert.That((string?)Compose["services"]!["exporter"]!["cap_drop"]![0], Is.EqualTo("ALL"));
        });
    }

    [Test]
    public void Probes_request_the_health_endpoints()
    {
        foreach (var (probe, path) in new[] { ("livenessProbe", "/-/healthy"), ("readinessProbe", "/-/ready") })
        {
            Assert.That((string?)Container[probe]!["httpGet"]!["path"], Is.EqualTo(path));
            Assert.That((string?)Container[probe]!["httpGet"]!["port"], Is.EqualTo("metrics"));
        }
    }

    [Test]
    public void URI_of_the_database_comes_from_a_mounted_secret()
    {
        var file = (string)Container["env"]!.AsArray().Single()!["value"]!;
        var mount = Container["volumeMounts"]!.AsArray().Single()!;
        var volume = Pod["volumes"]!.AsArray().Single()!;

        Assert.That(Path.GetDirectoryName(file), Is.EqualTo((string?)mount["mountPath"]));
        Assert.That((string?)mount["name"], Is.EqualTo((string?)volume["name"]));
        Assert.That(volume["secret"]!["secretName"], Is.Not.Null);
    }

    // Compose cannot write a secret from the environment into a read-only container.
    [Test]
    public void Compose_passes_the_URI_of_the_database_in_the_environment()
    {
        var exporter = Compose["services"]!["exporter"]!;

        Assert.That((string?)exporter["environment"]!.AsArray().Single(), Is.EqualTo("DATABASE_URI"));
        Assert.That(exporter["secrets"], Is.Null);
        Assert.That(Compose["secrets"], Is.Null);
    }

    [Test]
    public async Task Compose_scrapes_the_exporter_with_the_rules_and_the_dashboard()
    {
        var (status, output) = await Promtool.RunAsync(
            ["check", "config", "--lint=all", "--lint-fatal", "--syntax-only", Path.Combine(Folder, "prometheus.yml")]);
        var job = Read("prometheus.yml")["scrape_configs"]!.AsArray().Single()!;
        var services = Compose["services"]!.AsObject();
        string[] mounts =
        [
            .. services.SelectMany(service => service.Value!["volumes"]?.AsArray() ?? [])
                .Select(volume => ((string)volume!).Split(':')[0]),
        ];

        Assert.That(status, Is.Zero, output);
        Assert.That((string?)job["static_configs"]![0]!["targets"]![0], Is.EqualTo("exporter:9799"));
        Assert.That((string?)job["job_name"], Does.Contain("orchestrator"));
        Assert.That(services.Select(service => service.Key), Has.Member("exporter").And.Member("grafana"));
        Assert.That(mounts, Has.Length.EqualTo(4));
        foreach (var mount in mounts)
            Assert.That(Path.Exists(Path.Combine(Folder, mount)), Is.True, mount);
        foreach (var name in new[] { "prometheus", "grafana" })
            Assert.That(
                (string?)services[name]!["image"],
                Is.EqualTo((string?)MonitoringPack.ReadYaml("compose.yaml")["services"]![name]!["image"]));
    }

    [Test]
    public void Ports_are_open_to_this_machine_only() =>
        Assert.That(
            Compose["services"]!.AsObject().SelectMany(service => service.Value!["ports"]?.AsArray() ?? [])
                .Select(port => (string)port!),
            Is.Not.Empty.And.All.StartsWith("127.0.0.1:"));

    [Test]
    public void Systemd_passes_the_secret_as_a_credential()
    {
        var unit = File.ReadAllLines(Path.Combine(Folder, "systemd", $"{Name}.service"));

        Assert.That(unit, Has.Member($"LoadCredential=database-uri:/etc/{Name}/database-uri"));
        Assert.That(unit, Has.Member("Environment=DATABASE_URI_FILE=%d/database-uri"));
        Assert.That(unit, Has.Member("Type=notify").And.Member("DynamicUser=yes"));
    }

    private static JsonNode Read(string file) => MonitoringPack.ReadYaml(Path.Combine(Folder, file));
}
