using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Moq;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

internal sealed class ReloadableExporterTests
{
    private static readonly string[] NoDatabase =
    [
        "--collectors.subscriptions.enabled=false", "--collectors.processes.enabled=false",
        "--collectors.workflow-engine.enabled=false",
    ];

    [Test]
    public async Task Previous_collectors_that_do_not_stop_are_no_failure_of_the_reload()
    {
        var log = new ListLogger();
        var (exporter, host) = await StartAsync(new Dictionary<string, string>(), log);
        await using var end = exporter;

        // The retirement uses its services, which are disposed.
        await host.DisposeAsync();
        exporter.RequestReload();
        await log.WaitForAsync(entry => entry.Level == LogLevel.Error);

        Assert.That(Messages(log), Is.EqualTo(new[]
        {
            "The configuration was reloaded.",
            "The configuration was reloaded, but the collectors of the previous one could not be stopped cleanly.",
        }));
        await exporter.StopAsync(default);
    }

    [Test]
    public async Task Unexpected_cancellation_fails_the_reload_and_not_the_program()
    {
        var log = new ListLogger();
        var isCancelled = false;
        var environment = new Mock<IReadOnlyDictionary<string, string>>();
        environment.SetupGet(variables => variables.Keys).Returns(
            () => isCancelled ? throw new OperationCanceledException() : []);
        var (exporter, _) = await StartAsync(environment.Object, log);
        await using var end = exporter;

        isCancelled = true;
        exporter.RequestReload();
        await log.WaitForAsync(entry => entry.Level == LogLevel.Error);
        isCancelled = false;
        exporter.RequestReload();
        await log.WaitForAsync(entry => entry.Message == "The configuration was reloaded.");

        Assert.That(Messages(log).First(), Is.EqualTo(
            "The configuration was not reloaded, and the previous one stays in use."));
        await exporter.StopAsync(default);
    }

    [Test]
    public async Task Unexpected_failure_of_the_first_collection_does_not_end_the_program()
    {
        var log = new ListLogger();
        var (exporter, host) = await CreateAsync(new Dictionary<string, string>(), log);
        await using var end = exporter;

        // The collection uses its services, which are disposed.
        await host.DisposeAsync();
        await StartAsync(exporter);
        exporter.RequestReload();
        await log.WaitForAsync(entry => entry.Message == "The configuration was reloaded.");

        Assert.That(log.Of(LogLevel.Error).First().Message, Is.EqualTo(
            "The first collection failed. The next scrape tries again."));
        await exporter.StopAsync(default);
    }

    private static IEnumerable<string> Messages(ListLogger log) => log.Entries
        .Select(entry => entry.Message).Where(message => message.StartsWith("The configuration ", StringComparison.Ordinal));

    private static async Task<(ReloadableExporter Exporter, MetricsHost Host)> StartAsync(
        IReadOnlyDictionary<string, string> environment, ListLogger log)
    {
        var created = await CreateAsync(environment, log);
        await StartAsync(created.Exporter);
        return created;
    }

    private static async Task<(ReloadableExporter Exporter, MetricsHost Host)> CreateAsync(
        IReadOnlyDictionary<string, string> environment, ListLogger log)
    {
        var loader = new ConfigurationLoader(CommandLine.Parse(NoDatabase).Values, environment);
        var options = loader.Load();
        var loggers = LoggerFactory.Create(logging => logging.AddProvider(log));
        var host = await MetricsHost.StartAsync(options, loggers, default);
        return (new ReloadableExporter(loader, options, host, new LogSettings(options), loggers), host);
    }

    /// <summary>Starts an exporter, and waits until it has collected once.</summary>
    private static async Task StartAsync(ReloadableExporter exporter)
    {
        await exporter.StartAsync(default);
        await Waiting.UntilAsync(ReadyStatusAsync, status => status == StatusCodes.Status200OK);

        async Task<int> ReadyStatusAsync()
        {
            var context = new DefaultHttpContext();
            (context.Request.Method, context.Request.Path) = ("GET", "/-/ready");
            await exporter.HandleAsync(context);
            return context.Response.StatusCode;
        }
    }
}
