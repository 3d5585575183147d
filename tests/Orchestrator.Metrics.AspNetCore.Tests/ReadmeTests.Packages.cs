using System.Data.Common;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Tests.Snippets;

namespace Orchestrator.Metrics.Tests;

public partial class ReadmeTests
{
    [Test]
    public async Task Endpoint_serves_the_exposition_shown_in_its_README()
    {
        await using var host = await HostCapture.RunAsync(PackageReadmes.RunEndpoint);

        Assert.That(
            ReadOutputs("Orchestrator.Metrics.AspNetCore"),
            Is.EqualTo(new[] { await host.Client.GetStringAsync("/api/metrics") }));
    }

    [Test]
    public async Task Meters_are_served_as_their_README_shows()
    {
        await using var host = await HostCapture.RunAsync(PackageReadmes.RunMeters);
        using var response = await host.Client.PostAsync("/jobs", content: null);

        Assert.That(response.IsSuccessStatusCode, Is.True);
        Assert.That(
            ReadOutputs("Orchestrator.Metrics.OpenTelemetry"),
            Is.EqualTo(new[]
            {
                await host.Client.GetStringAsync(
                    "/api/metrics?name[]=acme_jobs_done_total&name[]=acme_jobs_duration_seconds_bucket"),
            }));
    }

    [Test]
    public async Task Repository_on_the_operational_metrics_page_provides_the_families()
    {
        var builder = WebApplication.CreateSlimBuilder();
        ReadmeOperational.AddOwnRepository(builder);
        await using var app = builder.Build();

        var text = (await app.Services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync()).ToText();

        const string Labels = "is_task=\"False\",last_status=\"completed\",";
        Assert.That(text, Does.Contain($"recent_duration_seconds_bucket{{{Labels}le=\"1.0\",workflow_name=\"create_port\"")
            .And.Contain("wfo_process_oldest_change_timestamp_seconds{is_task=\"False\",last_status=\"running\""));
    }

    [Test]
    public async Task SQL_metrics_are_the_exposition_shown_in_their_README()
    {
        await using var connection = new SqliteConnection("Data Source=readme;Mode=Memory;Cache=Shared");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE ports (site, speed);
            CREATE TABLE orders (site, bytes, errors, drops, seconds);
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 48)
            INSERT INTO ports SELECT 'Oslo', CASE WHEN i <= 14 THEN 10 ELSE 100 END FROM n;
            INSERT INTO orders VALUES ('Oslo', 5, 1, 2, 61);
            """;
        await command.ExecuteNonQueryAsync();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton<DbDataSource>(
            SqliteFactory.Instance.CreateDataSource(connection.ConnectionString));
        ReadmeRelational.AddSql(builder);
        ReadmeRelational.AddSqlFamilies(builder);
        builder.Services.AddOrchestratorMetrics().AddCollector<SiteCollector>();
        await using var app = builder.Build();
        var registry = app.Services.GetRequiredService<OrchestratorMetricsRegistry>();

        Assert.That(
            ReadOutputs("Orchestrator.Metrics.Relational"),
            Is.EqualTo(new[]
            {
                (await registry.CollectAsync(new ScrapeRequest { Names = ["acme_ports"] })).ToText(),
            }));
        Assert.That((await registry.CollectAsync()).ToText(), Does.Contain("acme_site_ports{site=\"Oslo\"} 48.0\n")
            .And.Contain("acme_order_seconds_bucket{le=\"60.0\",site=\"Oslo\"} 0.0\n")
            .And.Contain("acme_order_problems{kind=\"drops\",site=\"Oslo\",source=\"orders\"} 2.0\n"));
    }

    [Test]
    public async Task Registry_writes_the_exposition_shown_in_its_README() => Assert.That(
        ReadOutputs("Orchestrator.Metrics"),
        Has.Member((await new PortCollector(new Inventory()).ScrapeAsync()).ToText()));

    [Test]
    public void Metric_types_are_written_as_the_README_of_the_core_shows() => Assert.That(
        ReadOutputs("Orchestrator.Metrics"),
        Has.Member(ExpositionText.Of(ExpositionFormat.OpenMetrics, [.. ReadmeHost.CreateTypes()])));

    [Test]
    public async Task Failed_comparison_prints_the_message_shown_in_the_README_of_the_test_kit()
    {
        var metrics = await new PortCollector(new Inventory()).ScrapeAsync();
        var expected = metrics.ToText().Replace("14.0", "13", StringComparison.Ordinal);

        var failure = Assert.Throws<MetricsAssertionException>(() => metrics.AssertEqual(expected));

        Assert.That(ReadOutputs("Orchestrator.Metrics.Testing"), Is.EqualTo(new[] { failure.Message }));
    }

    [Test]
    public async Task Delegates_and_configuration_in_the_README_of_the_core_work()
    {
        var builder = WebApplication.CreateSlimBuilder();
        var json = FindBlocks(JsonBlock, ReadPackageReadme("Orchestrator.Metrics")).Single();
        builder.Configuration.AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json)));
        builder.Services.AddSingleton<Inventory>();
        ReadmeHost.AddDelegates(builder);
        builder.Services.AddOrchestratorMetrics().AddCollector<PortCollector>().AddCollector<DeviceCollector>();
        await using var app = builder.Build();

        var snapshot = await app.Services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync();

        Assert.That(FindValue("acme_sites"), Is.EqualTo(2));
        Assert.That(FindValue("acme_racks", ("site", "Oslo")), Is.EqualTo(3));
        Assert.That(FindValue("acme_devices", ("site", "Rome")), Is.EqualTo(5));
        Assert.That(FindValue("wfo_scrape_collector_success", ("collector", "PortCollector")), Is.EqualTo(1));

        double? FindValue(string name, params ReadOnlySpan<(string, string)> labels) =>
            snapshot.TryGetValue(name, out var value, labels) ? value : null;
    }

    [Test]
    public void Family_of_another_library_is_built_as_the_README_of_the_core_shows() => Assert.That(
        new MetricsSnapshot([PackageReadmes.Build()]).ToText(),
        Does.Contain("acme_temperature_celsius{rack=\"7\",sensor=\"outlet\"} 24.0"));

    [Test]
    public void Files_named_in_the_README_of_src_exist()
    {
        var readme = File.ReadAllText(Path.Combine(TestFiles.Root, "src", "README.md"));
        var files = SourceFile.Matches(readme).Select(match => match.Value).Distinct().ToArray();

        Assert.That(files, Has.Length.GreaterThan(40));
        Assert.That(files.Where(file => !File.Exists(GetPath(file))), Is.Empty);
    }

    /// <summary>
    /// Returns the path of a file that <c>src/README.md</c> names. Names of files in the core start with the folder.
    /// </summary>
    private static string GetPath(string file)
    {
        var folder = file.Split('/')[0];
        return folder == "tests" ? Path.Combine(TestFiles.Root, file)
            : Directory.Exists(Path.Combine(TestFiles.Root, "src", $"Orchestrator.Metrics.{folder}"))
                ? Path.Combine(TestFiles.Root, "src", $"Orchestrator.Metrics.{file}")
                : Path.Combine(TestFiles.Root, "src", "Orchestrator.Metrics", file);
    }

    private static IEnumerable<string> ReadOutputs(string package) => FindBlocks(TextBlock, ReadPackageReadme(package));

    private static string ReadPackageReadme(string package) =>
        File.ReadAllText(Path.Combine(TestFiles.Root, "src", package, "README.md"));

    [GeneratedRegex(@"[\w./]+\.cs\b")]
    private static partial Regex SourceFile { get; }
}
