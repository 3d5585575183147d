using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Tests.Snippets;

namespace Orchestrator.Metrics.Tests;

/// <summary>The output and files shown in the READMEs of the packages and of <c>src</c>.</summary>
public partial class ReadmeTests
{
    [Test]
    public async Task Endpoint_serves_the_exposition_shown_in_its_README()
    {
        await using var host = await HostCapture.RunAsync(PackageReadmes.Endpoint);

        Assert.That(
            Shown("Orchestrator.Metrics.AspNetCore"),
            Is.EqualTo(new[] { await host.Client.GetStringAsync("/api/metrics") }));
    }

    [Test]
    public async Task Meters_are_served_as_their_README_shows()
    {
        await using var host = await HostCapture.RunAsync(PackageReadmes.Meters);
        using var response = await host.Client.PostAsync("/jobs", content: null);

        Assert.That(response.IsSuccessStatusCode, Is.True);
        Assert.That(
            Shown("Orchestrator.Metrics.OpenTelemetry"),
            Is.EqualTo(new[]
            {
                await host.Client.GetStringAsync(
                    "/api/metrics?name[]=acme_jobs_done_total&name[]=acme_jobs_duration_seconds_bucket"),
            }));
    }

    [Test]
    public async Task Registry_writes_the_exposition_shown_in_its_README() => Assert.That(
        Shown("Orchestrator.Metrics"), Has.Member((await new PortCollector(new Inventory()).ScrapeAsync()).ToText()));

    [Test]
    public void Metric_types_are_written_as_the_README_shows() => Assert.That(
        Shown("Orchestrator.Metrics"),
        Has.Member(ExpositionText.Of(ExpositionFormat.OpenMetrics, [.. ReadmeHost.Types()])));

    [Test]
    public async Task Failed_comparison_prints_the_message_shown_in_the_README()
    {
        var metrics = await new PortCollector(new Inventory()).ScrapeAsync();
        var expected = metrics.ToText().Replace("14.0", "13", StringComparison.Ordinal);

        var failure = Assert.Throws<MetricsAssertionException>(() => metrics.AssertEqual(expected));

        Assert.That(Shown("Orchestrator.Metrics.Testing"), Is.EqualTo(new[] { failure.Message }));
    }

    [Test]
    public async Task Delegates_and_configuration_in_the_README_work()
    {
        var builder = WebApplication.CreateSlimBuilder();
        var json = Blocks(JsonBlock(), PackageReadme("Orchestrator.Metrics")).Single();
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)));
        builder.Services.AddSingleton<Inventory>();
        ReadmeHost.Delegates(builder);
        builder.Services.AddOrchestratorMetrics().AddCollector<PortCollector>().AddCollector<DeviceCollector>();
        await using var app = builder.Build();

        var snapshot = await app.Services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync();

        Assert.That(Value("acme_sites"), Is.EqualTo(2));
        Assert.That(Value("acme_racks", ("site", "Oslo")), Is.EqualTo(3));
        Assert.That(Value("acme_devices", ("site", "Rome")), Is.EqualTo(5));
        Assert.That(Value("wfo_scrape_collector_success", ("collector", "PortCollector")), Is.EqualTo(1));

        double? Value(string name, params ReadOnlySpan<(string, string)> labels) =>
            snapshot.TryGetValue(name, out var value, labels) ? value : null;
    }

    [Test]
    public void Family_of_another_library_is_built_as_the_README_shows() => Assert.That(
        new MetricsSnapshot([PackageReadmes.Build()]).ToText(),
        Does.Contain("acme_temperature_celsius{rack=\"7\",sensor=\"outlet\"} 24.0"));

    [Test]
    public void Files_named_in_the_README_of_src_exist()
    {
        var readme = File.ReadAllText(Path.Combine(TestFiles.Root, "src", "README.md"));
        var files = SourceFile().Matches(readme).Select(match => match.Value).Distinct().ToArray();

        Assert.That(files, Has.Length.GreaterThan(40));
        Assert.That(files.Where(file => !File.Exists(PathOf(file))), Is.Empty);
    }

    /// <summary>The path of a file named in <c>src/README.md</c>, which omits the project of core folders.</summary>
    private static string PathOf(string file)
    {
        var folder = file.Split('/')[0];
        return folder == "tests" ? Path.Combine(TestFiles.Root, file)
            : Directory.Exists(Path.Combine(TestFiles.Root, "src", $"Orchestrator.Metrics.{folder}"))
                ? Path.Combine(TestFiles.Root, "src", $"Orchestrator.Metrics.{file}")
                : Path.Combine(TestFiles.Root, "src", "Orchestrator.Metrics", file);
    }

    /// <summary>The output shown in the README of a package.</summary>
    private static IEnumerable<string> Shown(string package) => Blocks(TextBlock(), PackageReadme(package));

    private static string PackageReadme(string package) =>
        File.ReadAllText(Path.Combine(TestFiles.Root, "src", package, "README.md"));

    [GeneratedRegex(@"[\w./]+\.cs\b")]
    private static partial Regex SourceFile();
}
