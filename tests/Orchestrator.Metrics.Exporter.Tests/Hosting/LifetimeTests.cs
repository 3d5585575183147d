using System.Net;
using Npgsql;
using Orchestrator.Metrics.Exporter.Tests.CollectorFiles;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>The lifetime of the program: readiness, signals, a changed secret and a lost connection.</summary>
public class LifetimeTests
{
    private const string Password = "S3cret !/@'\"%";

    [Test]
    public async Task Exporter_is_ready_after_the_first_collection_even_if_the_collection_failed()
    {
        await using var exporter = await ExporterProcess.StartAsync(
            $"postgresql://u:p@127.0.0.1:{FreePort.Find()}/db");

        await exporter.WaitUntilReadyAsync();

        Assert.That(await exporter.Client.GetStringAsync("/"), Does.Contain("failed, see the log"));
    }

    [Test]
    public async Task SIGTERM_stops_the_program_and_cancels_the_scrape_in_flight()
    {
        // Accepts connections, but never responds.
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
    public async Task SIGHUP_replaces_or_keeps_the_configuration_without_losing_a_scrape()
    {
        using var folder = new TemporaryFolder();
        var textFile = Path.Combine(folder.Path, "metrics.prom");
        var file = folder.Write("exporter.yaml", BuildConfiguration("north"));

        // The query is slow, so a scrape is in flight whenever the configuration is replaced.
        folder.Write("slow.yml", TestCollectors.BuildGauge("slow", "SELECT 1 AS n FROM pg_sleep(0.2)"));
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.BuildUri(database), [$"--config.file={file}"]);
        using var stop = new CancellationTokenSource();
        var scraping = ScrapeUntilAsync(exporter, stop.Token);

        Assert.That(await exporter.ScrapeAsync(), Does.Contain("site=\"north\""));
        await File.WriteAllTextAsync(file, BuildConfiguration("south"));
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

        // The host of the previous configuration must not write the text file again.
        Assert.That(await File.ReadAllTextAsync(textFile), Does.Contain("site=\"south\"").And.Not.Contain("north"));

        string BuildConfiguration(string site) => $$"""
            collector_files: [slow.yml]
            collectors:
              workflow_engine:
                add_labels: {site: {{site}}}
            text_file: {path: {{textFile}}, interval: 1h}

            """;
    }

    [Test]
    public async Task SIGTERM_cancels_a_scrape_of_the_previous_configuration_and_writes_the_text_file()
    {
        using var folder = new TemporaryFolder();
        var textFile = Path.Combine(folder.Path, "metrics.prom");
        var file = folder.Write("exporter.yaml", "collector_files: [gate.yml]");
        folder.Write("gate.yml", TestCollectors.BuildGauge("gate", "SELECT count(*) AS n FROM gate"));
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema, "CREATE TABLE gate ();");
        await using var exporter = await ExporterProcess.StartAsync(
            ExporterDatabase.BuildUri(database),
            [$"--config.file={file}", $"--text-file.path={textFile}", "--text-file.interval=1h"]);
        await exporter.WaitUntilReadyAsync();

        // The scrape waits for a lock in the database. The new configuration has no collector that needs the table.
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("LOCK TABLE gate", connection);
        await command.ExecuteNonQueryAsync();
        var scrape = exporter.Client.GetAsync("/metrics");
        command.CommandText = "SELECT count(*) FROM pg_locks WHERE relation = 'gate'::regclass AND NOT granted";
        await Waiting.UntilAsync(() => command.ExecuteScalarAsync(), count => count is 1L);
        await File.WriteAllTextAsync(file, "");
        await exporter.SignalAsync("HUP");
        await Waiting.UntilAsync(
            () => File.Exists(textFile) ? File.ReadAllText(textFile) : "acme_gate",
            text => !text.Contains("acme_gate", StringComparison.Ordinal));
        File.Delete(textFile);

        Assert.That(await exporter.TerminateAsync(), Is.Zero, exporter.Output);
        using var response = await scrape;
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(File.Exists(textFile));
    }

    [Test]
    public async Task Changed_secret_file_applies_without_a_restart()
    {
        using var folder = new TemporaryFolder();
        await using var database = await ExporterDatabase.CreateAsync(
            ExporterDatabase.Schema,
            $"""
            CREATE ROLE first LOGIN PASSWORD 'one';
            CREATE ROLE second LOGIN PASSWORD '{Password.Replace("'", "''", StringComparison.Ordinal)}';
            GRANT pg_read_all_data TO first, second;
            """);
        var file = folder.Write("uri", ExporterDatabase.BuildUri(database, "first", "one") + "\n");
        await using var exporter = await ExporterProcess.StartAsync("", environment: ("DATABASE_URI_FILE", file));

        Assert.That(await exporter.ScrapeAsync(), Does.Contain("success{collector=\"SubscriptionCollector\"} 1.0"));
        await File.WriteAllTextAsync(file, "postgresql://first:one");
        Assert.That(await exporter.ScrapeAsync(), Does.Contain("success{collector=\"SubscriptionCollector\"} 1.0"));
        await File.WriteAllTextAsync(file, ExporterDatabase.BuildUri(database, "second", Password));
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
        await using var exporter = await ExporterProcess.StartAsync(ExporterDatabase.BuildUri(database));
        await exporter.ScrapeAsync();

        await server.StopServerAsync();
        var lost = await exporter.ScrapeAsync();
        await server.StartServerAsync();
        var recovered = await exporter.ScrapeAsync();

        Assert.That(lost, Does.Contain("success{collector=\"SubscriptionCollector\"} 0.0"));
        Assert.That(lost, Does.Contain("success{collector=\"ProcessCollector\"} 1.0"), "from the background refresh");
        Assert.That(recovered, Does.Contain("success{collector=\"SubscriptionCollector\"} 1.0"));
        Assert.That(exporter.Output, Does.Match("level=error msg=\"Collector SubscriptionCollector failed\\.\" err=.* " +
            "hint=\"(No server listens at|The server is starting up or shutting down, or terminated the connection|\\S+ closed the connection\\.) " +
            ".*\"\n"));
        Assert.That(exporter.Output, Does.Not.Contain("   at "), "a stack trace");
    }

    /// <summary>Scrapes until cancelled, and returns the number of scrapes. Throws if a scrape fails.</summary>
    private static async Task<int> ScrapeUntilAsync(ExporterProcess exporter, CancellationToken stop)
    {
        var scrapes = 0;
        for (; !stop.IsCancellationRequested; scrapes++)
            await exporter.ScrapeAsync();
        return scrapes;
    }
}
