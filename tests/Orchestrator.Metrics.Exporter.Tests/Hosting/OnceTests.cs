using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

public class OnceTests
{
    [Test]
    public async Task Printed_metrics_include_those_of_background_refreshes()
    {
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema, ExporterDatabase.Small);
        await using var api = await OrchestratorServer.StartAsync();

        // Latin-1 cannot represent all labels, so the output must be UTF-8 regardless of the locale.
        var plain = await ExporterProcess.RunAsync(
            ["--once"], ("DATABASE_URI", ExporterDatabase.BuildUri(database)), ("LC_ALL", "en_US.ISO-8859-1"));
        var withApi = await ExporterProcess.RunAsync(
            ["--once", $"--orchestrator-api.base-address={api.Address}"],
            ("DATABASE_URI", ExporterDatabase.BuildUri(database)));

        plain.RequireSuccess();
        await ExporterDatabase.AssertSmallAsync(plain.Output);
        Assert.That(plain.Errors, Is.Empty);
        withApi.RequireSuccess();
        Assert.That(withApi.Output, Does.Contain("\nwfo_workers{executor_type=\"threadpool\"} 5.0\n"));
    }

    [TestCase("--once")]
    [TestCase("--check")]
    [TestCase("--help")]
    [TestCase("--version")]
    public async Task Error_for_unwritable_output_is_one_line_and_the_exit_status_is_1(string mode)
    {
        var run = await ExporterProcess.RunWithoutOutputAsync(
            mode, "--collectors.subscriptions.enabled=false", "--collectors.processes.enabled=false",
            "--collectors.workflow-engine.enabled=false");

        Assert.That(run.ExitCode, Is.EqualTo(1));
        Assert.That(run.Errors, Does.Match(
            @"\Aorchestrator-metrics-exporter: cannot write the output: No space left on device[^\n]*\n\z"));
    }

    [Test]
    public async Task Collector_failure_is_logged_and_the_exit_status_is_1()
    {
        var reported = await RunAsync("--once");
        var fatal = await RunAsync("--once", "--scrape.failure-policy=fail_scrape");

        Assert.That(reported.ExitCode, Is.EqualTo(1));
        Assert.That(reported.Output, Does.Contain("wfo_exporter_build_info{"));
        Assert.That(reported.Errors, Does.Contain("level=error msg=\"Collector SubscriptionCollector failed.\""));
        Assert.That(fatal.ExitCode, Is.EqualTo(1));
        Assert.That(fatal.Output, Is.Empty);
        Assert.That(fatal.Errors, Does.Contain("level=error").And.Not.Contain("S3cret"));

        static Task<Command> RunAsync(params string[] flags) => ExporterProcess.RunAsync(
            flags, ("DATABASE_URI", $"postgresql://u:S3cret@127.0.0.1:{FreePort.Find()}/db"));
    }
}
