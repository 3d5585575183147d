using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>The program as a process, over a PostgreSQL database of orchestrator-core.</summary>
public class ExporterTests
{
    private const string Password = "S3cret !/@'\"%";

    [Test]
    public async Task Default_families_equal_those_of_orchestrator_core()
    {
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema, ExporterDatabase.Small);
        await using var exporter = await ExporterProcess.StartAsync(ExporterDatabase.Uri(database));

        foreach (var path in new[] { "/api/metrics", "/metrics" })
        {
            var text = await exporter.Client.GetStringAsync(path);
            await ExporterDatabase.AssertSmallAsync(text);
            Assert.That(text, Does.Contain("\nwfo_scrape_collector_success{collector=\"ProcessCollector\"} 1.0\n"));
        }
    }

    [Test]
    public async Task SIGTERM_ends_the_program_and_the_scrape_in_flight()
    {
        // Accepts connections and never answers.
        using var silent = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var exporter = await ExporterProcess.StartAsync(
            $"postgresql://u:p@127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/db");

        using var ready = await exporter.Client.GetAsync("/-/ready");
        var scrape = exporter.Client.GetAsync("/api/metrics");
        await exporter.Client.GetStringAsync("/-/healthy");
        var status = await exporter.TerminateAsync();

        Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(status, Is.Zero, exporter.Output);
        Assert.That(
            exporter.Output,
            Does.Contain($"serves metrics at {exporter.Client.BaseAddress}api/metrics, {exporter.Client.BaseAddress}metrics.")
                .And.Contain("Stopping. Scrapes in flight get 503."));
        using var response = await scrape;
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    [Test]
    public async Task Exporter_is_ready_after_the_first_collection_even_if_it_failed()
    {
        await using var exporter = await ExporterProcess.StartAsync(
            $"postgresql://u:p@127.0.0.1:{FreePort.Next()}/db");

        await Waiting.UntilAsync(
            async () =>
            {
                using var response = await exporter.Client.GetAsync("/-/ready");
                return response.StatusCode;
            },
            status => status == HttpStatusCode.OK);

        Assert.That(await exporter.Client.GetStringAsync("/"), Does.Contain("failed, see the log"));
    }

    [Test]
    public async Task SIGHUP_replaces_the_configuration_or_keeps_it_without_losing_a_scrape()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "exporter.yaml");
        var textFile = Path.Combine(folder.Path, "metrics.prom");
        await File.WriteAllTextAsync(file, Site("north"));

        // Slow, so that a scrape is in flight whenever the configuration is replaced.
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "slow.yml"), Collector("slow", "SELECT 1 AS n FROM pg_sleep(0.2)"));
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.Uri(database), [$"--config.file={file}"]);
        using var stop = new CancellationTokenSource();
        var scraping = ScrapeUntilAsync(exporter, stop.Token);

        Assert.That(await exporter.ScrapeAsync(), Does.Contain("site=\"north\""));
        await File.WriteAllTextAsync(file, Site("south"));
        await exporter.SignalAsync("HUP");
        await exporter.WaitForOutputAsync("reloaded");
        Assert.That(await exporter.ScrapeAsync(), Does.Contain("site=\"south\""));

        await File.WriteAllTextAsync(file, "collectors:\n  proceses: {timeout: 5s}\n");
        await exporter.SignalAsync("HUP");
        await exporter.WaitForOutputAsync($"{file}:2:3: There is no collector 'proceses'. Did you mean 'processes'?");
        await File.WriteAllTextAsync(file, "web:\n  listen_adress: [x]\n");
        await exporter.SignalAsync("HUP");
        await exporter.WaitForOutputAsync($"{file}:2:3: The key 'listen_adress' is unknown.");
        await stop.CancelAsync();
        Assert.That(await exporter.ScrapeAsync(), Does.Contain("\nwfo_exporter_config_last_reload_successful 0.0\n"));

        Assert.That(await scraping, Is.GreaterThan(3));
        Assert.That(await exporter.ScrapeAsync(), Does.Contain("site=\"south\""));

        // The previous configuration must not write its file once more.
        Assert.That(await File.ReadAllTextAsync(textFile), Does.Contain("site=\"south\"").And.Not.Contain("north"));

        string Site(string name) => $$"""
            collector_files: [slow.yml]
            collectors:
              workflow_engine:
                add_labels: {site: {{name}}}
            text_file: {path: {{textFile}}, interval: 1h}

            """;
    }

    [Test]
    public async Task Invalid_options_of_two_packages_are_reported_together()
    {
        var loader = new ConfigurationLoader(
            CommandLine.Parse([]).Values,
            new Dictionary<string, string>
            {
                ["DATABASE_URI"] = "postgresql://u:p@127.0.0.1:1/d",
                ["WFO_EXPORTER_OPERATIONAL_ENABLED"] = "true",
                ["WFO_EXPORTER_OPERATIONAL_BUCKETS"] = "5,1",
                ["WFO_EXPORTER_ORCHESTRATOR_API_BASE_ADDRESS"] = "ftp://orchestrator",
            });

        var error = await Assert.ThrowsAsync<ConfigurationException>(
            () => MetricsHost.StartAsync(loader.Load(), NullLoggerFactory.Instance, CancellationToken.None));

        Assert.That(error!.Errors, Has.One.Contains("ascending bounds").And.One.Contains("not an absolute http"));
    }

    [Test]
    public async Task Password_appears_in_no_output()
    {
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.Uri(database, "nobody", Password), ["--log.level=debug"]);

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
    public async Task Changed_secret_file_applies_without_a_restart()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "uri");
        await using var database = await ExporterDatabase.CreateAsync(
            ExporterDatabase.Schema,
            $"""
            CREATE ROLE first LOGIN PASSWORD 'one';
            CREATE ROLE second LOGIN PASSWORD '{Password.Replace("'", "''", StringComparison.Ordinal)}';
            GRANT pg_read_all_data TO first, second;
            """);
        await File.WriteAllTextAsync(file, ExporterDatabase.Uri(database, "first", "one") + "\n");
        await using var exporter = await ExporterProcess.StartAsync("", environment: ("DATABASE_URI_FILE", file));

        Assert.That(await exporter.ScrapeAsync(), Does.Contain("success{collector=\"SubscriptionCollector\"} 1.0"));
        await File.WriteAllTextAsync(file, "postgresql://first:one");
        Assert.That(await exporter.ScrapeAsync(), Does.Contain("success{collector=\"SubscriptionCollector\"} 1.0"));
        await File.WriteAllTextAsync(file, ExporterDatabase.Uri(database, "second", Password));
        Assert.That(await exporter.ScrapeAsync(), Does.Contain("success{collector=\"SubscriptionCollector\"} 1.0"));

        await using var command = database.CreateCommand(
            """
            SELECT string_agg(DISTINCT usename, ',') FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'orchestrator-metrics-exporter'
            """);
        Assert.That(await command.ExecuteScalarAsync(), Is.EqualTo("second"), exporter.Output);
        Assert.That(exporter.Output, Does.Contain("The last valid database secret stays in use."));
        Assert.That(exporter.Output, Does.Contain("The database secret has changed"));
        Assert.That(exporter.Output, Does.Not.Contain("one"));
    }

    [Test]
    public async Task Lost_connection_fails_collectors_until_the_server_is_back()
    {
        await using var server = await PostgreSqlServer.StartAsync();
        await using var database = await server.CreateDatabaseAsync(ExporterDatabase.Schema);
        await using var exporter = await ExporterProcess.StartAsync(ExporterDatabase.Uri(database));
        await exporter.ScrapeAsync();

        await server.StopServerAsync();
        var lost = await exporter.ScrapeAsync();
        await server.StartServerAsync();
        var recovered = await exporter.ScrapeAsync();

        Assert.That(lost, Does.Contain("success{collector=\"SubscriptionCollector\"} 0.0"));
        Assert.That(lost, Does.Contain("success{collector=\"ProcessCollector\"} 1.0"), "from the background refresh");
        Assert.That(recovered, Does.Contain("success{collector=\"SubscriptionCollector\"} 1.0"));
        Assert.That(exporter.Output, Does.Match("level=error msg=\"Collector SubscriptionCollector failed\\.\" err=.* " +
            "hint=\"Run orchestrator-metrics-exporter --check, which reports the cause and what to do\\.\"\n"));
        Assert.That(exporter.Output, Does.Not.Contain("   at "), "a stack trace");
    }

    [Test]
    public async Task Landing_page_has_links_version_and_status()
    {
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.Uri(database), ["--web.telemetry-path=/a&b<c>"]);
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
    public async Task All_settings_of_a_full_configuration_apply()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "exporter.yaml");
        var prom = Path.Combine(folder.Path, "out.prom");
        await File.WriteAllTextAsync(file,
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
            ExporterDatabase.Uri(database), [$"--config.file={file}"]);

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
        api.Answer(OrchestratorServer.StatusPath, """{"global_lock":true,"running_processes":7}""");
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.Uri(database), [$"--orchestrator-api.base-address={api.Address}"],
            ("WFO_EXPORTER_ORCHESTRATOR_API_TOKEN", "secret-token"));

        var text = await Waiting.UntilAsync(
            (Func<Task<string>>)exporter.ScrapeAsync,
            text => text.Contains("\nwfo_active_process_count 7.0\n", StringComparison.Ordinal));

        Assert.That(text, Does.Contain("wfo_engine_status{wfo_engine_status=\"PAUSING\"} 1.0"));
        Assert.That(exporter.Output, Does.Not.Contain("secret-token"));
    }

    [Test]
    public async Task Collector_files_add_SQL_metrics_with_options_by_their_names()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "exporter.yaml");
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "a.collector.yml"), Collector("products", "SELECT count(*) AS n FROM products"));
        await File.WriteAllTextAsync(file,
            """
            collector_files: ["*.collector.yml"]
            collectors: {products: {add_labels: {site: north}, cache_for: 1m}}
            """);
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.Uri(database), [$"--config.file={file}"]);

        Assert.That(await exporter.ScrapeAsync(), Does.Contain("\nacme_products{site=\"north\"} 0.0\n"));
    }

    [Test]
    public async Task Sources_need_no_database_if_the_default_collectors_are_off()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "exporter.yaml");
        await using var first = await ExporterProcess.StartAsync($"postgresql://u@127.0.0.1:{FreePort.Next()}/db");
        await File.WriteAllTextAsync(file,
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

    [TestCase(2, "unknown flag --xyzzy. See --help.", "--xyzzy")]
    [TestCase(1, "DATABASE_URI is not set.")]
    [TestCase(1, "The file '/no/file' does not exist.", "--config.file=/no/file")]
    [TestCase(1, "--web.listen-address 'example.org:1' is not an address.", "--web.listen-address=example.org:1")]
    [TestCase(1, "/no/secret", "--database.uri-file=/no/secret")]
    [TestCase(1, "environment variable WFO_EXPORTER_LOG_FORMAT: 'x' is not one of logfmt, json.")]
    public async Task Error_at_start_is_one_line_with_an_exit_status(int status, string error, params string[] flags)
    {
        var format = error.Contains("LOG_FORMAT", StringComparison.Ordinal) ? "x" : null;
        var result = await ExporterProcess.RunAsync(
            flags, ("DATABASE_URI", null), ("WFO_EXPORTER_LOG_FORMAT", format));

        Assert.That(result.ExitCode, Is.EqualTo(status), result.Errors);
        Assert.That(result.Errors.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(result.Errors, Does.StartWith("orchestrator-metrics-exporter: ").And.Contain(error));
    }

    [TestCase("--text-file.path=/no/such/x.prom", "text_file.path: The folder of the text file '/no/such/x.prom' does not exist.")]
    [TestCase("--collectors.processes.name-prefix=1 x", "collectors.processes.name_prefix is '1 x'")]
    [TestCase("--collectors.processes.add-labels=1x=a", "collectors.processes is invalid: '1x' is not a valid label name")]
    public async Task Error_of_a_setting_that_the_packages_find_is_one_line(string flag, string error)
    {
        var result = await ExporterProcess.RunAsync([flag], ("DATABASE_URI", "postgresql://127.0.0.1:1/db"));

        var lines = WithoutCollectors(result.Errors);
        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(lines, Has.Length.EqualTo(1));
        Assert.That(lines[0], Does.StartWith($"orchestrator-metrics-exporter: {error}"));
    }

    [Test]
    public async Task Rules_of_the_packages_are_errors_with_the_names_of_the_exporter()
    {
        var result = await ExporterProcess.RunAsync(
            ["--collectors.subscriptions.hash-labels=customer_id"], ("DATABASE_URI", "postgresql://h/db"));

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Errors, Does.Contain("--collectors.subscriptions.hash-labels needs scrape.label_hash_key."));
        Assert.That(result.Errors, Does.Not.Contain("OrchestratorMetrics"));
    }

    [Test]
    public async Task Address_in_use_is_an_error_that_names_it()
    {
        using var other = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        other.Start();

        var result = await ExporterProcess.RunAsync(
            [$"--web.listen-address={other.LocalEndpoint}"], ("DATABASE_URI", "postgresql://h/db"));

        Assert.That(result.ExitCode, Is.EqualTo(1));
        var lines = WithoutCollectors(result.Errors);
        Assert.That(lines, Has.Length.EqualTo(1));
        Assert.That(
            lines[0], Does.StartWith($"orchestrator-metrics-exporter: cannot listen on {other.LocalEndpoint}: "));
    }

    [Test]
    public async Task Version_and_help_are_printed()
    {
        Assert.That(
            (await ExporterProcess.RunAsync(["--version"])).Output,
            Is.EqualTo($"orchestrator-metrics-exporter, version {Product.Version}\n"));
        Assert.That((await ExporterProcess.RunAsync(["-h"])).Output, Does.StartWith("usage: "));
    }

    /// <summary>The lines of an output, except those about collectors, which have no database here.</summary>
    private static string[] WithoutCollectors(string output) =>
    [
        .. output.Trim().Split('\n').Where(line => !line.Contains("msg=\"Collector ", StringComparison.Ordinal)),
    ];

    /// <summary>A collector file with a gauge.</summary>
    private static string Collector(string name, string query) =>
        $"""
        collector_name: {name}
        metrics:
          - metric_name: acme_{name}
            type: gauge
            help: A gauge.
            values: [n]
            query: {query}
        """;

    /// <summary>Scrapes all the time, and fails if one scrape fails.</summary>
    private static async Task<int> ScrapeUntilAsync(ExporterProcess exporter, CancellationToken stop)
    {
        var scrapes = 0;
        for (; !stop.IsCancellationRequested; scrapes++)
            await exporter.ScrapeAsync();
        return scrapes;
    }
}
