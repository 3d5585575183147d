using System.Data.Common;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orchestrator.Metrics.Tests.Monitoring;

/// <summary>
/// The alerts that fire when an orchestrator has problems. Uses a PostgreSQL database and a REST API like those of
/// orchestrator-core, a host with all metrics, and a Prometheus server with the rules of the monitoring pack. In these
/// rules, alerts fire after a second, and ranges of minutes are replaced by three seconds. The unit tests of the rules
/// check the durations.
/// </summary>
public class FiringAlertsTests
{
    private readonly TemporaryFolder _rules = new();
    private PostgreSqlServer _server = null!;
    private NpgsqlDataSource _database = null!;
    private WebApplication _orchestrator = null!;
    private WebApplication _host = null!;
    private bool _isPaused;
    private int _workers = 4;
    private int _queuedJobs;
    private PrometheusServer _prometheus = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        Requirements.FindProgram("prometheus", "prometheus");
        _server = await PostgreSqlServer.StartAsync();
        _database = await _server.CreateDatabaseAsync(
            await File.ReadAllTextAsync(TestFiles.GetGolden("orchestrator-db/schema.sql")),
            "INSERT INTO workflows (name, target, description) VALUES ('create_node', 'CREATE', '')");
        _orchestrator = await StartOrchestratorAsync();
        _host = await StartHostAsync();
        _prometheus = PrometheusServer.Start(CreateConfiguration());
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_prometheus is not null)
            await _prometheus.DisposeAsync();
        if (_host is not null)
            await _host.DisposeAsync();
        if (_orchestrator is not null)
            await _orchestrator.DisposeAsync();
        if (_database is not null)
            await _database.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        _rules.Dispose();
    }

    [Test]
    public async Task Problems_fire_their_alerts_and_no_others()
    {
        // Processes that hang while the engine is paused are not a problem.
        await AddProcessAsync("running", started: "2 hours", changed: "61 minutes");
        await AddProcessAsync("created", started: "6 minutes", changed: "6 minutes");
        _isPaused = true;
        await AssertFiringAsync("OrchestratorEnginePaused");

        _isPaused = false;
        await AssertFiringAsync("OrchestratorJobsNotStarted", "OrchestratorProcessHangs");

        // The process completes a step, and a worker takes the job.
        await PostgreSqlServer.ExecuteAsync(
            _database, "UPDATE processes SET last_status = 'running', last_modified_at = now()");
        await AssertFiringAsync();

        _workers = 0;
        await AssertFiringAsync("OrchestratorNoWorkers");

        (_workers, _queuedJobs) = (4, 7);
        await AssertFiringAsync("OrchestratorJobsPileUp");

        _queuedJobs = 0;
        await AssertFiringAsync();

        await AddProcessAsync("waiting", started: "25 hours", changed: "1 minute");
        await AddProcessAsync("awaiting_callback", started: "25 hours", changed: "25 hours");
        await AddProcessAsync("suspended", started: "8 days", changed: "169 hours");
        await AddProcessAsync("failed", started: "2 days", changed: "25 hours");
        await AssertFiringAsync(
            "OrchestratorCallbackMissing", "OrchestratorFailuresRemain", "OrchestratorProcessSuspended",
            "OrchestratorRetriesInVain");

        // Below the limits.
        await PostgreSqlServer.ExecuteAsync(
            _database,
            """
            UPDATE processes SET started_at = now() - interval '23 hours', last_modified_at = now() - interval '23 hours'
            WHERE last_status <> 'running'
            """);
        await AssertFiringAsync();
    }

    private async Task AssertFiringAsync(params string[] alerts)
    {
        var expected = string.Join(", ", alerts.Select(alert => $"{alert} firing"));
        var active = "";
        try
        {
            await Waiting.UntilAsync(
                async () => active = await _prometheus.WaitForDataAsync("alerts", FormatActiveAlerts),
                it => it == expected);
        }
        catch (AssertionException)
        {
            Assert.That(active, Is.EqualTo(expected));
        }
    }

    private static string FormatActiveAlerts(JsonElement data) => string.Join(
        ", ",
        data.GetProperty("alerts").EnumerateArray()
            .Select(alert => $"{alert.GetProperty("labels").GetProperty("alertname")} {alert.GetProperty("state")}")
            .Order(StringComparer.Ordinal));

    private Task AddProcessAsync(string status, string started, string changed) => PostgreSqlServer.ExecuteAsync(
        _database,
        $"""
        INSERT INTO processes (last_status, started_at, last_modified_at, workflow_id)
        SELECT '{status}', now() - interval '{started}', now() - interval '{changed}', workflow_id FROM workflows
        """);

    private async Task<WebApplication> StartOrchestratorAsync()
    {
        var app = CreateBuilder().Build();
        app.MapGet("/api/settings/status", () => new
        {
            global_lock = _isPaused,
            running_processes = 1,
            global_status = _isPaused ? "PAUSING" : "RUNNING",
        });
        app.MapGet("/api/settings/worker-status", () => new
        {
            executor_type = "celery",
            number_of_workers_online = _workers,
            number_of_queued_jobs = _queuedJobs,
            number_of_running_jobs = 1,
        });
        await app.StartAsync();
        return app;
    }

    private async Task<WebApplication> StartHostAsync()
    {
        var builder = CreateBuilder();
        builder.Configuration["ENABLE_PROMETHEUS_METRICS_ENDPOINT"] = "true";
        builder.Services.AddSingleton<DbDataSource>(_database);
        builder.Services.AddOrchestratorMetrics(options => options.FailurePolicy = FailurePolicy.ReportAndContinue)
            .AddRelationalRepositories()
            .AddOperationalMetrics()
            .AddOrchestratorApi(options =>
            {
                options.BaseAddress = new(_orchestrator.Urls.Single());
                options.RefreshEvery = TimeSpan.FromSeconds(1);
            });
        var app = builder.Build();
        app.MapOrchestratorMetrics();
        await app.StartAsync();
        return app;
    }

    private static WebApplicationBuilder CreateBuilder()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration["urls"] = "http://127.0.0.1:0";
        return builder;
    }

    private string CreateConfiguration()
    {
        foreach (var file in Directory.GetFiles(MonitoringPack.GetPath("rules")))
        {
            var rules = Regex.Replace(File.ReadAllText(file), @"for: \d+[mh]", "for: 1s");
            rules = Regex.Replace(rules, @"\[\d+m\]", "[3s]");
            File.WriteAllText(Path.Combine(_rules.Path, Path.GetFileName(file)), rules);
        }

        return
            $"""
            global:
              scrape_interval: 1s
              scrape_timeout: 1s
              evaluation_interval: 1s
            rule_files:
              - {_rules.Path}/*.yml
            scrape_configs:
              - job_name: orchestrator
                metrics_path: /api/metrics
                static_configs:
                  - targets: [{new Uri(_host.Urls.Single()).Authority}]
            """;
    }
}
