using System.Text.RegularExpressions;
using k8s;
using k8s.Models;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>
/// Checks that the fields of the exporter's Kubernetes manifests exist and that their values have the right type. Does
/// not check required fields, ranges or enumerations.
/// </summary>
public partial class ManifestSchemaTests
{
    private static readonly string Folder =
        Path.Combine(TestFiles.Root, "src", "Orchestrator.Metrics.Exporter", "deploy", "kubernetes");

    /// <summary>
    /// Checks the fields against the models of the Kubernetes client, and those of the Prometheus Operator against the
    /// classes below.
    /// </summary>
    [Test]
    public void Every_manifest_has_known_fields_only()
    {
        string[] files = [.. Directory.GetFiles(Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

        var manifests = files.Select(file => Parse(Path.GetFileName(file), File.ReadAllText(file)));

        Assert.That(
            manifests.Select(it => $"{it.ApiVersion} {it.Kind}"),
            Is.EquivalentTo(new[]
            {
                "apps/v1 Deployment", "v1 Service", "monitoring.coreos.com/v1 PrometheusRule",
                "monitoring.coreos.com/v1 ServiceMonitor",
            }));
    }

    [TestCase("deployment.yaml", "livenessProbe:", "livenesProbe:")]
    [TestCase("deployment.yaml", "replicas: 1", "replicas: one")]
    [TestCase("deployment.yaml", "readOnly: true", "readOnly: maybe")]
    [TestCase("deployment.yaml", "memory: 96Mi", "memory: 96MiB")]
    [TestCase("service.yaml", "targetPort:", "targetport:")]
    [TestCase("service.yaml", "port: 9799", "port: metrics")]
    [TestCase("prometheus-operator/servicemonitor.yaml", "scrapeTimeout:", "scrapeTimeOut:")]
    [TestCase("prometheus-operator/servicemonitor.yaml", "relabelings:", "relabelConfigs:")]
    [TestCase("prometheus-operator/servicemonitor.yaml", "selector:", "selectors:")]
    [TestCase("prometheus-operator/prometheusrule.yaml", "  groups:", "  group:")]
    [TestCase("prometheus-operator/prometheusrule.yaml", "annotations:", "annotation:")]
    public void Misspelled_field_or_value_of_another_type_is_an_error(string file, string text, string changed)
    {
        var manifest = File.ReadAllText(Path.Combine(Folder, file));

        Assert.That(manifest, Does.Contain(text));
        Assert.That(
            () => Parse(Path.GetFileName(file), manifest.Replace(text, changed, StringComparison.Ordinal)),
            Throws.Exception);
    }

    // In the manifests, prose starts with "# ". A field that a user can uncomment starts with "#" only.
    [TestCase("deployment.yaml", "configMap", "mountPath: /etc", "HTTPS", "web.yml", "/config/exporter.yaml",
        "secretName: orchestrator-redis")]
    [TestCase("prometheus-operator/servicemonitor.yaml", "scheme", "ca.crt", "key: password")]
    public void Fields_in_comments_are_known_too(string file, params string[] texts)
    {
        var manifest = File.ReadAllText(Path.Combine(Folder, file));

        var before = KubernetesYaml.Serialize(Parse(Path.GetFileName(file), manifest));
        var after = KubernetesYaml.Serialize(Parse(Path.GetFileName(file), CommentedField().Replace(manifest, "$1")));

        foreach (var text in texts)
        {
            Assert.That(before, Does.Not.Contain(text));
            Assert.That(after, Does.Contain(text));
        }
    }

    [Test]
    public void Network_policy_in_the_documentation_has_known_fields_only()
    {
        var page = File.ReadAllText(Path.Combine(Folder, "..", "..", "docs", "installation.md"));
        var block = page.Split("```yaml\n").Single(part => part.Contains("kind: NetworkPolicy", StringComparison.Ordinal));

        var policy = KubernetesYaml.Deserialize<V1NetworkPolicy>(block.Split("```")[0], strict: true);

        Assert.That(policy.Spec.PodSelector.MatchLabels.Single().Value, Is.EqualTo("orchestrator-metrics-exporter"));
        Assert.That(policy.Spec.Ingress.Single().Ports.Single().Port.Value, Is.EqualTo("9799"));
    }

    [GeneratedRegex("^( *)#(?! [^ ])", RegexOptions.Multiline)]
    private static partial Regex CommentedField();

    private static IKubernetesObject Parse(string file, string manifest) => file switch
    {
        "deployment.yaml" => KubernetesYaml.Deserialize<V1Deployment>(manifest, strict: true),
        "service.yaml" => KubernetesYaml.Deserialize<V1Service>(manifest, strict: true),
        "servicemonitor.yaml" => KubernetesYaml.Deserialize<Resource<MonitorSpec>>(manifest, strict: true),
        "prometheusrule.yaml" => KubernetesYaml.Deserialize<Resource<RulesSpec>>(manifest, strict: true),
        _ => throw new ArgumentException($"No model of {file}."),
    };

    // Written by hand, because there are no .NET models of the Prometheus Operator. Contains only the fields in use,
    // with the names and types of https://prometheus-operator.dev/docs/api-reference/api/. promtool checks the rules.
    private sealed class Resource<T> : IKubernetesObject
    {
        public string ApiVersion { get; set; } = "";

        public string Kind { get; set; } = "";

        public V1ObjectMeta? Metadata { get; set; }

        public T? Spec { get; set; }
    }

    private sealed class MonitorSpec
    {
        public V1LabelSelector? Selector { get; set; }

        public List<MonitorEndpoint>? Endpoints { get; set; }
    }

    private sealed class MonitorEndpoint
    {
        public string? Port { get; set; }

        public string? Path { get; set; }

        public string? Interval { get; set; }

        public string? ScrapeTimeout { get; set; }

        public string? Scheme { get; set; }

        public SafeTlsConfig? TlsConfig { get; set; }

        public BasicAuthentication? BasicAuth { get; set; }

        public List<Relabeling>? Relabelings { get; set; }
    }

    private sealed class SafeTlsConfig
    {
        public string? ServerName { get; set; }

        public SecretOrConfigMap? Ca { get; set; }
    }

    private sealed class SecretOrConfigMap
    {
        public V1SecretKeySelector? Secret { get; set; }
    }

    private sealed class BasicAuthentication
    {
        public V1SecretKeySelector? Username { get; set; }

        public V1SecretKeySelector? Password { get; set; }
    }

    private sealed class Relabeling
    {
        public List<string>? SourceLabels { get; set; }

        public string? Separator { get; set; }

        public string? TargetLabel { get; set; }
    }

    private sealed class RulesSpec
    {
        public List<RuleGroup>? Groups { get; set; }
    }

    private sealed class RuleGroup
    {
        public string? Name { get; set; }

        public List<Rule>? Rules { get; set; }
    }

    private sealed class Rule
    {
        public string? Alert { get; set; }

        public string? Record { get; set; }

        public string? Expr { get; set; }

        public string? For { get; set; }

        public Dictionary<string, string>? Labels { get; set; }

        public Dictionary<string, string>? Annotations { get; set; }
    }
}
