using System.Net;
using Orchestrator.Metrics.Exporter.Tests.CollectorFiles;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>The program as a process, mostly with a PostgreSQL database of orchestrator-core.</summary>
public class ExporterTests
{
    private const string Password = "S3cret !/@'\"%";

    [Test]
    public async Task Default_families_equal_those_of_orchestrator_core()
    {
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema, ExporterDatabase.Small);
        await using var exporter = await ExporterProcess.StartAsync(ExporterDatabase.BuildUri(database));

        foreach (var path in new[] { "/api/metrics", "/metrics" })
        {
            var text = await exporter.Client.GetStringAsync(path);
            await ExporterDatabase.AssertSmallAsync(text);
            Assert.That(text, Does.Contain("\nwfo_scrape_collector_success{collector=\"ProcessCollector\"} 1.0\n"));
        }
    }

    [Test]
    public async Task Landing_page_has_links_version_and_status()
    {
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.BuildUri(database), ["--web.telemetry-path=/a&b<c>"]);
        await exporter.Client.GetStringAsync("/a&b%3Cc%3E");

        using var response = await exporter.Client.GetAsync("/");
        var page = await response.Content.ReadAsStringAsync();

        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("text/html"));
        Assert.That(page, Does.Contain("/a&amp;b&lt;c&gt;").And.Contain("href=\"/-/ready\""));
        Assert.That(page, Does.Contain($"Version {Product.Version}"));
        Assert.That(page, Does.Contain("<td>SubscriptionCollector</td><td>succeeded</td>"));
        using var unknown = await exporter.Client.GetAsync("/api/metrics");
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(unknown.Headers.CacheControl?.NoStore, Is.True);
    }

    [Test]
    public async Task Password_appears_in_no_output()
    {
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.BuildUri(database, "nobody", Password), ["--log.level=debug"]);

        var texts = new List<string>();
        foreach (var path in new[] { "/", "/-/healthy", "/-/ready", "/api/metrics", "/metrics?name[]=x", "/nix" })
        {
            using var response = await exporter.Client.GetAsync(path);
            texts.Add(response.Headers.ToString());
            texts.Add(await response.Content.ReadAsStringAsync());
        }

        await exporter.WaitForOutputAsync("password authentication failed");
        Assert.That(await exporter.TerminateAsync(), Is.Zero);
        texts.Add(exporter.Output);
        foreach (var secret in new[] { Password, Uri.EscapeDataString(Password), "S3cret", "postgresql+psycopg" })
            Assert.That(texts, Has.None.Contains(secret));
    }

    [Test]
    public async Task Settings_of_a_full_configuration_apply()
    {
        using var folder = new TemporaryFolder();
        var prom = Path.Combine(folder.Path, "out.prom");
        var file = folder.Write("exporter.yaml",
            $$"""
            log: {format: json}
            scrape:
              build_info: false
              metrics_prefix: my_
              label_hash_key: 0123456789abcdef
            collectors:
              subscriptions: {cache_for: 1m, hash_labels: [customer_id], name_prefix: acme_}
              processes: {drop_labels: [created_by, customer_id], refresh_every: 30s}
              workflow_engine: {enabled: false, timeout: 1s}
            operational: {enabled: true, window: 2h, buckets: [1, 60]}
            text_file: {path: {{prom}}, interval: 1h}
            """);
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema, ExporterDatabase.Small);
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.BuildUri(database), [$"--config.file={file}"]);

        var text = await exporter.ScrapeAsync();

        Assert.That(text, Does.Contain("# TYPE acme_wfo_subscriptions_count gauge"));
        Assert.That(text, Does.Contain("\nmy_success{collector=\"ProcessCollector\"} 1.0\n"));
        Assert.That(text, Does.Contain("wfo_process_count{is_task="));
        Assert.That(text, Does.Contain("\n# TYPE wfo_process_recent_duration_seconds").And.Contain("\nwfo_processes{"));
        Assert.That(text, Does.Not.Contain("wfo_engine_status").And.Not.Contain("build_info"));
        await Waiting.UntilAsync(() => File.Exists(prom), exists => exists);
        Assert.That(exporter.Output, Does.Contain("\"level\":\"info\",\"msg\":\"Version"));
    }

    [Test]
    public async Task Orchestrator_API_replaces_the_engine_status_of_the_database()
    {
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var api = await OrchestratorServer.StartAsync();
        api.Token = "secret-token";
        api.Respond(OrchestratorServer.StatusPath, """{"global_lock":true,"running_processes":7}""");
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.BuildUri(database), [$"--orchestrator-api.base-address={api.Address}"],
            ("WFO_EXPORTER_ORCHESTRATOR_API_TOKEN", "secret-token"));

        var text = await Waiting.UntilAsync(
            (Func<Task<string>>)exporter.ScrapeAsync,
            text => text.Contains("\nwfo_active_process_count 7.0\n", StringComparison.Ordinal));

        Assert.That(text, Does.Contain("wfo_engine_status{wfo_engine_status=\"PAUSING\"} 1.0"));
        Assert.That(exporter.Output, Does.Not.Contain("secret-token").And.Not.Contain("level=error"));
    }

    [Test]
    public async Task Collector_of_a_file_has_the_options_that_are_set_under_its_name()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.collector.yml", TestCollectors.BuildGauge("products", "SELECT count(*) AS n FROM products"));
        var file = folder.Write("exporter.yaml",
            """
            collector_files: ["*.collector.yml"]
            collectors: {products: {add_labels: {site: north}, cache_for: 1m}}
            """);
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.BuildUri(database), [$"--config.file={file}"]);

        Assert.That(await exporter.ScrapeAsync(), Does.Contain("\nacme_products{site=\"north\"} 0.0\n"));
    }

    [Test]
    public async Task Sources_need_no_database_if_the_default_collectors_are_off()
    {
        using var folder = new TemporaryFolder();
        await using var first = await ExporterProcess.StartAsync($"postgresql://u@127.0.0.1:{FreePort.Find()}/db");
        var file = folder.Write("exporter.yaml",
            $$"""
            sources:
              - name: first
                url: {{first.Client.BaseAddress}}metrics?name[]=wfo_exporter_build_info
                labels: {site: north}
            collectors:
              subscriptions: {enabled: false}
              processes: {enabled: false}
              workflow_engine: {enabled: false}
            scrape: {build_info: false}
            """);
        await using var second = await ExporterProcess.StartAsync("", [$"--config.file={file}"]);

        Assert.That(await second.ScrapeAsync(), Does.Contain("wfo_exporter_build_info{").And.Contain("site=\"north\""));
    }
}
