using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Moq;

namespace Orchestrator.Metrics.Tests;

public class BackgroundTests
{
    // The clock of the host stands still. A scrape that waits for an API that never responds would therefore hang.
    private OrchestratorServer _server = null!;

    [SetUp]
    public async Task StartServer() => _server = await OrchestratorServer.StartAsync();

    [TearDown]
    public async Task StopServer() => await _server.DisposeAsync();

    [Test]
    public async Task Scrape_does_not_wait_for_a_server_that_never_responds()
    {
        var requested = Task.WhenAll(
            _server.NeverRespond(OrchestratorServer.StatusPath), _server.NeverRespond(OrchestratorServer.WorkersPath));
        await using var host = await ApiHost.StartAsync(_server);
        await requested.Soon();

        Assert.That(await host.ScrapeAsync(), Is.EqualTo(ApiHost.OtherFamily));
        Assert.That(_server.Requests, Has.Count.EqualTo(2), "Scrapes send no requests.");
    }

    [Test]
    public async Task Scrape_does_not_wait_after_a_failure_before_the_first_response()
    {
        _server.Respond(OrchestratorServer.StatusPath, "", status: 500);
        _server.Respond(OrchestratorServer.WorkersPath, "", status: 500);
        await using var host = await ApiHost.StartAsync(_server);
        await host.WaitForFailureAsync("WorkflowEngineCollector");
        await host.WaitForFailureAsync("OrchestratorWorkerCollector");
        var requested = Task.WhenAll(
            _server.NeverRespond(OrchestratorServer.StatusPath), _server.NeverRespond(OrchestratorServer.WorkersPath));
        await host.AdvanceAfterRefreshesAsync(TimeSpan.FromSeconds(16));
        await requested.Soon();

        Assert.That(await host.ScrapeAsync(), Is.EqualTo(ApiHost.OtherFamily));
    }

    [Test]
    public async Task Endpoint_that_hangs_does_not_delay_the_other_one(
        [Values(OrchestratorServer.StatusPath, OrchestratorServer.WorkersPath)] string hanging)
    {
        var requested = _server.NeverRespond(hanging);
        await using var host = await ApiHost.StartAsync(_server);
        await requested.Soon();
        var other = hanging == OrchestratorServer.StatusPath ? "wfo_workers" : "wfo_engine_status";

        Assert.That(
            await host.ScrapeUntilAsync(text => text != ApiHost.OtherFamily),
            Does.StartWith($"# HELP {other} ").And.EndsWith(ApiHost.OtherFamily));
    }

    [Test]
    public async Task Last_response_is_used_for_three_intervals_plus_the_timeout()
    {
        var repository = new Mock<IWorkflowEngineRepository>(MockBehavior.Strict);
        await using var host = await ApiHost.StartAsync(metrics =>
        {
            metrics.Services.AddScoped(_ => repository.Object);
            metrics.AddRelationalRepositories(Mock.Of<DbDataSource>()).AddOrchestratorApi(options => options.BaseAddress = new(_server.Address));
            metrics.ConfigureDefaultCollectors(
                DefaultCollectors.All, options => options.ServeStaleFor = TimeSpan.FromHours(1));
        });
        var first = await host.ScrapeBothAsync();
        var requested = Task.WhenAll(
            _server.NeverRespond(OrchestratorServer.StatusPath), _server.NeverRespond(OrchestratorServer.WorkersPath));
        for (var elapsed = 0; elapsed < 55; elapsed++)
        {
            host.Time.Advance(TimeSpan.FromSeconds(1));
            Assert.That(await host.ScrapeAsync(), Is.EqualTo(first), $"after {elapsed + 1} s");

            // Waits for the requests of the next refresh before the clock reaches their timeout.
            if (elapsed == 16)
                await requested.Soon();
        }

        host.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.That(await host.ScrapeAsync(), Is.EqualTo(ApiHost.OtherFamily), "No fallback to the repository.");
        _server.Respond(OrchestratorServer.StatusPath, OrchestratorServer.Running);
        _server.Respond(OrchestratorServer.WorkersPath, OrchestratorServer.Threadpool);
        await host.AdvanceUntilAsync(text => text == first);
    }

    [Test]
    public async Task Api_is_queried_at_the_interval_and_not_by_scrapes()
    {
        await using var host = await ApiHost.StartAsync(
            _server, options => options.RefreshEvery = TimeSpan.FromMinutes(1));
        await host.ScrapeBothAsync();
        await host.AdvanceAfterRefreshesAsync(TimeSpan.FromSeconds(56));
        await host.ScrapeAsync();
        Assert.That(_server.Requests, Has.Count.EqualTo(2));

        host.Time.Advance(TimeSpan.FromSeconds(8));
        await Waiting.UntilAsync(() => _server.Requests.Count, count => count == 4);
    }

    [Test]
    public async Task Interval_of_a_collector_can_be_configured()
    {
        await using var host = await ApiHost.StartAsync(
            metrics => metrics.AddOrchestratorApi(options => options.BaseAddress = new(_server.Address)),
            ("OrchestratorMetrics:Collectors:OrchestratorWorkerCollector:RefreshEvery", "01:00:00"));
        await host.ScrapeBothAsync();
        await host.AdvanceAfterRefreshesAsync(TimeSpan.FromSeconds(16));
        await Waiting.UntilAsync(() => _server.Count(OrchestratorServer.StatusPath), count => count == 2);

        Assert.That(_server.Count(OrchestratorServer.WorkersPath), Is.EqualTo(1));
    }

    [Test]
    public async Task Configuration_can_make_scrapes_wait_for_the_API([Values] bool refreshes)
    {
        await using var host = await ApiHost.StartAsync(
            metrics => metrics.AddOrchestratorApi(options => options.BaseAddress = new(_server.Address)),
            refreshes
                ? ("OrchestratorMetrics:Collectors:WorkflowEngineCollector:WaitForFirstResult", "true")
                : ("OrchestratorMetrics:Collectors:WorkflowEngineCollector:RefreshEvery", "00:00:00"));

        Assert.That(await host.ScrapeAsync(), Does.Contain("\nwfo_active_process_count 2.0\n"));
    }

    [Test]
    public async Task Options_that_the_host_sets_for_default_collectors_apply([Values] bool before)
    {
        await using var host = await ApiHost.StartAsync(metrics =>
        {
            if (before)
                Configure(metrics);
            metrics.AddOrchestratorApi(options => options.BaseAddress = new(_server.Address));
            if (!before)
                Configure(metrics);
        });

        Assert.That(await host.ScrapeBothAsync(), Does.Contain("\nacme_wfo_active_process_count 2.0\n"));
        await host.ScrapeAsync();
        Assert.That(_server.Count(OrchestratorServer.StatusPath), Is.EqualTo(1));

        static void Configure(OrchestratorMetricsBuilder metrics) => metrics.ConfigureDefaultCollectors(
            DefaultCollectors.All,
            options => (options.CacheFor, options.NamePrefix) = (TimeSpan.FromSeconds(30), "acme_"));
    }

    [Test]
    public async Task Collector_with_another_name_runs_in_the_background()
    {
        await using var host = await ApiHost.StartAsync(metrics => metrics
            .AddOrchestratorApi(options => options.BaseAddress = new(_server.Address))
            .ConfigureDefaultCollectors(DefaultCollectors.WorkflowEngine, options => options.Name = "Engine"));

        await host.ScrapeBothAsync();
        await host.ScrapeAsync();

        Assert.That(_server.Count(OrchestratorServer.StatusPath), Is.EqualTo(1));
    }

    [Test]
    public async Task Collector_of_another_database_does_not_run_in_the_background()
    {
        var repository = new Mock<IWorkflowEngineRepository>();
        repository.Setup(engine => engine.GetEngineStateAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(new WorkflowEngineState { GlobalLock = false, RunningProcesses = 42 });
        await using var host = await ApiHost.StartAsync(metrics =>
        {
            metrics.Services.AddKeyedScoped("second", (_, _) => repository.Object);
            metrics.AddOrchestratorApi(options => options.BaseAddress = new(_server.Address))
                .AddDefaultCollectors(
                    "second", DefaultCollectors.WorkflowEngine, options => options.NamePrefix = "second_");
        });

        Assert.That(await host.ScrapeAsync(), Does.Contain("\nsecond_wfo_active_process_count 42.0\n"));
        Assert.That(await host.ScrapeAsync(), Does.Contain("\nsecond_wfo_active_process_count 42.0\n"));
        repository.Verify(engine => engine.GetEngineStateAsync(It.IsAny<CancellationToken>()), Times.Exactly(2));
    }

    [Test]
    public async Task Interval_of_default_collectors_does_not_change_that_of_the_API()
    {
        await using var host = await ApiHost.StartAsync(
            metrics => metrics.AddOrchestratorApi(options => options.BaseAddress = new(_server.Address))
                .ConfigureDefaultCollectors(DefaultCollectors.All, options => options.RefreshEvery = TimeSpan.FromHours(1)),
            ("OrchestratorMetrics:OrchestratorApi:RefreshEvery", "00:01:00"));
        await host.ScrapeBothAsync();
        await host.AdvanceAfterRefreshesAsync(TimeSpan.FromSeconds(64));

        await Waiting.UntilAsync(() => _server.Requests.Count, count => count == 4);
    }

    [Test]
    public async Task Api_replaces_the_relational_repository_in_any_order([Values] bool before)
    {
        await using var host = await ApiHost.StartAsync(metrics =>
        {
            if (before)
                metrics.AddRelationalRepositories(Mock.Of<DbDataSource>());
            metrics.AddOrchestratorApi(options => options.BaseAddress = new(_server.Address));
            if (!before)
                metrics.AddRelationalRepositories(Mock.Of<DbDataSource>());
        });

        Assert.That(await host.ScrapeBothAsync(), Does.Contain("\nwfo_active_process_count 2.0\n"));
    }

    [Test]
    public async Task Repository_that_the_host_registers_afterwards_takes_precedence()
    {
        var own = new Mock<IWorkflowEngineRepository>();
        own.Setup(repository => repository.GetEngineStateAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(new WorkflowEngineState { GlobalLock = false, RunningProcesses = 42 });
        await using var host = await ApiHost.StartAsync(metrics =>
        {
            metrics.AddOrchestratorApi(options => options.BaseAddress = new(_server.Address));
            metrics.Services.AddScoped(_ => own.Object);
        });

        Assert.That(await host.ScrapeBothAsync(), Does.Contain("\nwfo_active_process_count 42.0\n"));
    }

    [Test]
    public async Task Responses_without_errors_are_not_logged()
    {
        await using var host = await ApiHost.StartAsync(_server, options => options.Token = "t");
        await host.ScrapeBothAsync();
        var entries = host.Log.Entries.Count;
        await host.AdvanceAfterRefreshesAsync(TimeSpan.FromSeconds(16));
        await Waiting.UntilAsync(() => _server.Requests.Count, count => count == 4);

        Assert.That(host.Log.Entries.Skip(entries), Is.Empty);
        Assert.That(host.Log.Entries.Select(entry => entry.Message), Has.None.Contains("HTTP").And.None.Contains("xecut"));
    }

    [Test]
    public void Second_call_of_AddOrchestratorApi_is_an_error()
    {
        var metrics = new ServiceCollection().AddOrchestratorMetrics().AddOrchestratorApi();

        Assert.That(
            () => metrics.AddOrchestratorApi(),
            Throws.InvalidOperationException.With.Message.Contains("OrchestratorWorkerCollector"));
    }
}
