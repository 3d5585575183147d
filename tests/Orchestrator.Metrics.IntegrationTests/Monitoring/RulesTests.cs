using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Monitoring;

public class RulesTests
{
    [Test]
    public Task Promtool_accepts_the_configuration() =>
        AssertSucceedsAsync(
            ["check", "config", "--lint=all", "--lint-fatal", MonitoringPack.GetPath("prometheus.yml")]);

    [Test]
    public async Task Promtool_accepts_the_configuration_with_the_settings_in_comments()
    {
        using var folder = new TemporaryFolder();
        var token = Path.Combine(folder.Path, "token");
        await File.WriteAllTextAsync(token, "token");
        var text = Regex.Replace(
            MonitoringPack.ReadText("prometheus.yml"),
            "^( *)# ( *(?:- )?[a-z_]+:(?: |$))", "$1$2", RegexOptions.Multiline);
        Assert.That(text, Does.Contain("\n    authorization:").And.Contain("\n    scrape_protocols: [PrometheusProto, "));
        text = text
            .Replace("/etc/prometheus/orchestrator-token", token, StringComparison.Ordinal)
            .Replace("rules/*.yml", MonitoringPack.GetPath("rules/*.yml"), StringComparison.Ordinal);
        var (_, version) = await Promtool.RunAsync(["--version"]);
        // Prometheus before 2.49, such as that of Debian 12, does not know this setting.
        if (Version.Parse(Regex.Match(version, @"\d+\.\d+").Value) < new Version(2, 49))
            text = Regex.Replace(text, "^ *scrape_protocols: .*$", "", RegexOptions.Multiline);
        var file = Path.Combine(folder.Path, "prometheus.yml");
        await File.WriteAllTextAsync(file, text);

        await AssertSucceedsAsync(["check", "config", "--lint=all", "--lint-fatal", file]);
    }

    [Test]
    public Task Promtool_accepts_the_rules() => AssertSucceedsAsync(
        ["check", "rules", "--lint=all", "--lint-fatal", .. Directory.GetFiles(MonitoringPack.GetPath("rules"))]);

    [Test]
    public Task Unit_tests_of_the_rules_pass() => AssertSucceedsAsync(["test", "rules", .. MonitoringPack.UnitTests]);

    [Test]
    public void Every_alert_has_unit_tests_in_which_it_fires_and_in_which_it_does_not()
    {
        var cases = MonitoringPack.UnitTests
            .SelectMany(file => MonitoringPack.ReadYaml(file)["tests"]!.AsArray())
            .SelectMany(test => test!["alert_rule_test"]?.AsArray() ?? [])
            .ToLookup(test => test!["exp_alerts"] is not null, test => (string)test!["alertname"]!);
        var alerts = MonitoringPack.ReadAlerts().Select(alert => (string)alert["alert"]!).ToArray();

        Assert.That(cases[true].Distinct(), Is.EquivalentTo(alerts));
        Assert.That(cases[false].Distinct(), Is.EquivalentTo(alerts));
    }

    [Test]
    public void Every_alert_has_a_severity_annotations_and_an_entry_in_the_README()
    {
        var readme = MonitoringPack.ReadText("README.md");
        Assert.Multiple(() =>
        {
            foreach (var alert in MonitoringPack.ReadAlerts())
            {
                var name = (string)alert["alert"]!;
                Assert.That(alert["for"], Is.Not.Null, name);
                Assert.That((string?)alert["labels"]!["severity"], Is.AnyOf("critical", "warning"), name);
                Assert.That((string?)alert["annotations"]!["summary"], Is.Not.Empty, name);
                Assert.That((string?)alert["annotations"]!["description"], Is.Not.Empty, name);
                Assert.That(readme, Does.Contain($"\n- **{name}**"), name);
            }
        });
    }

    private static async Task AssertSucceedsAsync(IEnumerable<string> arguments)
    {
        var (exitCode, output) = await Promtool.RunAsync(arguments);
        Assert.That(exitCode, Is.Zero, output);
    }
}
