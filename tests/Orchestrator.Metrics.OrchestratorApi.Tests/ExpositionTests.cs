namespace Orchestrator.Metrics.Tests;

public class ExpositionTests
{
    private OrchestratorServer _server = null!;

    [SetUp]
    public async Task StartServer() => _server = await OrchestratorServer.StartAsync();

    [TearDown]
    public async Task StopServer() => await _server.DisposeAsync();

    [Test]
    public async Task Threadpool_of_a_running_engine_is_exposed()
    {
        await using var host = await ApiHost.StartAsync(_server);

        Assert.That(
            await host.ScrapeBothAsync(),
            Is.EqualTo(FormatEngine("RUNNING", 2) + FormatWorkers("threadpool", 5, 0, 2)));
    }

    [TestCase(true, 3, "PAUSING")]
    [TestCase(true, 0, "PAUSED")]
    [TestCase(true, -1, "PAUSED")]
    [TestCase(false, 0, "RUNNING")]
    public async Task Engine_status_follows_the_lock_and_the_running_processes(bool isLocked, int running, string state)
    {
        _server.Respond(
            OrchestratorServer.StatusPath,
            $$"""{"global_lock":{{(isLocked ? "true" : "false")}},"running_processes":{{running}},"global_status":"{{state}}"}""");
        await using var host = await ApiHost.StartAsync(_server);

        Assert.That(
            await host.ScrapeBothAsync(),
            Is.EqualTo(FormatEngine(state, running) + FormatWorkers("threadpool", 5, 0, 2)));
    }

    [TestCase(3, 12, 4)]
    [TestCase(0, 0, 0)]
    public async Task Celery_workers_are_exposed(int online, int queued, int running)
    {
        Respond("celery", online, queued, running);
        await using var host = await ApiHost.StartAsync(_server);

        Assert.That(
            await host.ScrapeBothAsync(),
            Is.EqualTo(FormatEngine("RUNNING", 2) + FormatWorkers("celery", online, queued, running)));
    }

    [Test]
    public async Task Unknown_number_of_workers_is_not_exposed()
    {
        Respond("threadpool", -1, 0, 2);
        await using var host = await ApiHost.StartAsync(_server);

        Assert.That(
            await host.ScrapeBothAsync(),
            Is.EqualTo(FormatEngine("RUNNING", 2) + FormatWorkers("threadpool", null, 0, 2)));
    }

    [Test]
    public async Task Unknown_fields_are_ignored()
    {
        _server.Respond(
            OrchestratorServer.StatusPath,
            """{"new":{"deep":[1,{"global_lock":true}]},"global_lock":false,"running_processes":2,"other":null}""");
        await using var host = await ApiHost.StartAsync(_server);

        Assert.That(await host.ScrapeBothAsync(), Does.StartWith(FormatEngine("RUNNING", 2)));
    }

    [TestCase("")]
    [TestCase("/")]
    [TestCase("/behind/a/proxy")]
    [TestCase("/behind/a/proxy/")]
    public async Task Base_address_may_have_a_path(string path)
    {
        var prefix = path.TrimEnd('/');
        _server.Respond(prefix + OrchestratorServer.StatusPath, OrchestratorServer.Running);
        _server.Respond(prefix + OrchestratorServer.WorkersPath, OrchestratorServer.Threadpool);
        await using var host = await ApiHost.StartAsync(
            _server, options => options.BaseAddress = new(_server.Address + path));

        await host.ScrapeBothAsync();

        Assert.That(_server.Requests, Is.EquivalentTo(new[]
        {
            $"{prefix}{OrchestratorServer.StatusPath} ", $"{prefix}{OrchestratorServer.WorkersPath} ",
        }));
    }

    private void Respond(string executor, int online, int queued, int running) => _server.Respond(
        OrchestratorServer.WorkersPath,
        $$"""{"executor_type":"{{executor}}","number_of_workers_online":{{online}},"number_of_queued_jobs":{{queued}},"number_of_running_jobs":{{running}}}""");

    private static string FormatEngine(string state, int running) =>
        $"""
        # HELP wfo_engine_status Current workflow engine status.
        # TYPE wfo_engine_status gauge
        wfo_engine_status{"{"}wfo_engine_status="PAUSED"{"}"} {(state == "PAUSED" ? "1.0" : "0.0")}
        wfo_engine_status{"{"}wfo_engine_status="PAUSING"{"}"} {(state == "PAUSING" ? "1.0" : "0.0")}
        wfo_engine_status{"{"}wfo_engine_status="RUNNING"{"}"} {(state == "RUNNING" ? "1.0" : "0.0")}
        # HELP wfo_active_process_count Number of currently running processes in the workflow engine.
        # TYPE wfo_active_process_count gauge
        wfo_active_process_count {running}.0

        """;

    private static string FormatWorkers(string executor, int? online, int queued, int running) =>
        $$"""
        # HELP wfo_workers Number of workers online.
        # TYPE wfo_workers gauge
        {{(online is null ? "" : $"wfo_workers{{executor_type=\"{executor}\"}} {online}.0\n")}}# HELP wfo_worker_jobs Number of jobs that workers have, per state.
        # TYPE wfo_worker_jobs gauge
        wfo_worker_jobs{executor_type="{{executor}}",state="queued"} {{queued}}.0
        wfo_worker_jobs{executor_type="{{executor}}",state="running"} {{running}}.0

        """ + ApiHost.OtherFamily;
}
