using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Moq;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Exporter.Tests.Sources;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

internal sealed class ReloadableExporterTests
{
    [Test]
    public async Task Previous_services_that_cannot_be_stopped_do_not_fail_the_reload()
    {
        var log = new ListLogger();
        var (exporter, host) = await StartAsync(new Dictionary<string, string>(), log);
        await using var end = exporter;

        // The exporter fails to stop the services of the previous host, because they are disposed.
        await host.DisposeAsync();
        exporter.RequestReload();
        await log.WaitForAsync(entry => entry.Level == LogLevel.Error);

        Assert.That(FindMessages(log), Is.EqualTo(new[]
        {
            "The configuration was reloaded.",
            "The services of a configuration that is not in use could not be stopped cleanly.",
        }));
        await exporter.StopAsync(default);
    }

    [Test]
    public async Task Changed_setting_that_needs_a_restart_is_logged()
    {
        Setting[] settings = [.. SettingTable.All.Where(setting => setting.NeedsRestart)];
        var log = new ListLogger();
        var environment = settings.ToDictionary(setting => setting.Variable, _ => "localhost:1");
        var (exporter, _) = await StartAsync(environment, log);
        await using var end = exporter;

        foreach (var setting in settings)
            environment[setting.Variable] = setting.Kind == SettingKind.List ? "localhost:2" : "";
        exporter.RequestReload();
        await log.WaitForAsync(entry => entry.Message == "The configuration was reloaded.");

        Assert.That(log.Warnings, Is.EquivalentTo(settings.Select(
            setting => $"{setting.Path} has changed. Restart the exporter to apply it.")));
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

        var first = await ReadStatusAsync(exporter);
        isCancelled = true;
        exporter.RequestReload();
        await log.WaitForAsync(entry => entry.Level == LogLevel.Error);
        var failed = await ReadStatusAsync(exporter);
        isCancelled = false;
        exporter.RequestReload();
        await log.WaitForAsync(entry => entry.Message == "The configuration was reloaded.");
        var last = await ReadStatusAsync(exporter);

        Assert.That((first.Successful, failed.Successful, last.Successful), Is.EqualTo((1, 0, 1)));
        Assert.That(first.Timestamp, Is.EqualTo(DateTimeOffset.UtcNow.ToUnixTimeSeconds()).Within(60));
        Assert.That(failed.Timestamp, Is.EqualTo(first.Timestamp));
        Assert.That(last.Timestamp, Is.GreaterThan(first.Timestamp));

        Assert.That(FindMessages(log).First(), Is.EqualTo(
            "The configuration was not reloaded, and the previous one stays in use."));
        await exporter.StopAsync(default);
    }

    [Test]
    public async Task Unexpected_failure_of_the_first_collection_does_not_stop_the_program()
    {
        var log = new ListLogger();
        var (exporter, host) = Create(new Dictionary<string, string>(), log);
        await using var end = exporter;

        // The collection fails, because the services of the host are disposed.
        await host.DisposeAsync();
        await StartAsync(exporter);
        exporter.RequestReload();
        await log.WaitForAsync(entry => entry.Message == "The configuration was reloaded.");

        Assert.That(log.GetEntries(LogLevel.Error).First().Message, Is.EqualTo(
            "The first collection failed. The next scrape tries again."));
        await exporter.StopAsync(default);
    }

    [Test]
    public async Task Previous_host_is_disposed_even_if_a_service_cannot_be_stopped()
    {
        var log = new ListLogger();
        var writer = new Mock<BackgroundService>();
        writer.Setup(service => service.Dispose()).Throws(new InvalidOperationException("Does not stop."));
        var host = CreateHost(services => services.AddSingleton<IHostedService>(writer.Object));
        await using var exporter = CreateExporter(CreateLoader([]), host, log);
        await StartAsync(exporter);

        exporter.RequestReload();
        var error = await log.WaitForAsync(entry => entry.Level == LogLevel.Error);

        Assert.That(error.Exception!.Message, Is.EqualTo("Does not stop."));
        Assert.That(() => host.Registry, Throws.InstanceOf<ObjectDisposedException>());
        await exporter.StopAsync(default);
    }

    [Test]
    public async Task New_host_writes_the_text_file_only_after_the_last_write_of_the_previous_host()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "metrics.prom");
        var log = new ListLogger();
        var hasStarted = true;
        using var writer = new LateWriter(
            () => hasStarted = log.Entries.Any(entry => entry.Message == "Hosting started"));
        await using var exporter = CreateExporter(
            CreateLoader([$"--text-file.path={path}"]),
            CreateHost(services => services.AddSingleton<IHostedService>(writer)), log);
        await StartAsync(exporter);

        exporter.RequestReload();
        await Waiting.UntilAsync(() => File.Exists(path), exists => exists);

        Assert.That(hasStarted, Is.False);
        Assert.That(log.Entries, Has.One.With.Property(nameof(LogEntry.Message)).EqualTo("Hosting started"));
        await exporter.StopAsync(default);
    }

    [Test]
    public async Task Stop_cancels_a_reload()
    {
        using var folder = new TemporaryFolder();
        var file = folder.Write("exporter.yaml", "");
        var requested = new TaskCompletionSource();
        await using var source = await SourceServer.StartAsync(context =>
        {
            requested.TrySetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var log = new ListLogger();
        var loader = CreateLoader([$"--config.file={file}"]);
        await using var exporter = CreateExporter(loader, CreateHost(), log);
        await StartAsync(exporter);

        await File.WriteAllTextAsync(
            file, $"sources: [{{name: slow, url: '{source.Url}'}}]\ncollectors: {{slow: {{timeout: 1h}}}}");
        exporter.RequestReload();
        await requested.Task.Soon();
        exporter.BeginStop();

        await exporter.ExecuteTask!.Soon();
        Assert.That(FindMessages(log), Is.Empty);
        await exporter.StopAsync(default);
    }

    [Test]
    public async Task First_collection_is_cancelled_before_its_services_are_disposed()
    {
        var log = new ListLogger();
        var running = new TaskCompletionSource<CancellationToken>();
        var wasCancelled = false;
        var service = new Mock<IDisposable>();
        service.Setup(disposable => disposable.Dispose()).Callback(
            () => wasCancelled = running.Task.Result.IsCancellationRequested);
        var host = CreateHost(services => services.AddSingleton(_ => service.Object)
            .AddOrchestratorMetrics().AddCollector(
                "slow",
                async (provider, token) =>
                {
                    provider.GetRequiredService<IDisposable>();
                    running.SetResult(token);
                    await Task.Delay(Timeout.Infinite, token);
                    return [];
                }));
        var exporter = CreateExporter(CreateLoader([]), host, log);

        // As when the address is in use: the exporter is disposed without being stopped.
        await exporter.StartAsync(default);
        await running.Task.Soon();
        await exporter.DisposeAsync();

        Assert.That(wasCancelled, Is.True);
        Assert.That(log.GetEntries(LogLevel.Error), Is.Empty);
    }

    private static async Task<(double Successful, double Timestamp)> ReadStatusAsync(ReloadableExporter exporter)
    {
        var context = new DefaultHttpContext();
        (context.Request.Method, context.Request.Path) = ("GET", "/metrics");
        using var body = new MemoryStream();
        context.Response.Body = body;
        await exporter.HandleAsync(context);
        var metrics = MetricsSnapshot.Parse(body.ToArray());
        return (GetValue("successful"), GetValue("success_timestamp_seconds"));

        double GetValue(string name) =>
            metrics.TryGetValue("wfo_exporter_config_last_reload_" + name, out var value) ? value : double.NaN;
    }

    private static IEnumerable<string> FindMessages(ListLogger log) => log.Entries
        .Select(entry => entry.Message).Where(message => message.Contains(" configuration ", StringComparison.Ordinal));

    private static async Task<(ReloadableExporter Exporter, MetricsHost Host)> StartAsync(
        IReadOnlyDictionary<string, string> environment, ListLogger log)
    {
        var created = Create(environment, log);
        await StartAsync(created.Exporter);
        return created;
    }

    private static (ReloadableExporter Exporter, MetricsHost Host) Create(
        IReadOnlyDictionary<string, string> environment, ListLogger log)
    {
        var loader = CreateLoader([], environment);
        var host = MetricsHost.Create(loader.Load(), LoggerFactory.Create(logging => logging.AddProvider(log)));
        return (CreateExporter(loader, host, log), host);
    }

    private static ConfigurationLoader CreateLoader(
        string[] flags, IReadOnlyDictionary<string, string>? environment = null) =>
        new(
            CommandLine.Parse([.. ExporterDatabase.NoDatabase, .. flags]).Values,
            environment ?? new Dictionary<string, string>());

    private static ReloadableExporter CreateExporter(ConfigurationLoader loader, MetricsHost host, ListLogger log)
    {
        var options = loader.Load();
        var loggers = LoggerFactory.Create(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
        return new ReloadableExporter(loader, options, host, new LogSettings(options), loggers);
    }

    /// <summary>Creates a host whose services do not come from a configuration.</summary>
    private static MetricsHost CreateHost(Action<IServiceCollection>? add = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Services.AddOrchestratorMetrics();
        add?.Invoke(builder.Services);
        return new MetricsHost(builder.Build(), _ => Task.CompletedTask);
    }

    /// <summary>Starts an exporter, and waits until it has collected once.</summary>
    private static async Task StartAsync(ReloadableExporter exporter)
    {
        await exporter.StartAsync(default);
        await Waiting.UntilAsync(GetReadyStatusAsync, status => status == StatusCodes.Status200OK);

        async Task<int> GetReadyStatusAsync()
        {
            var context = new DefaultHttpContext();
            (context.Request.Method, context.Request.Path) = ("GET", "/-/ready");
            await exporter.HandleAsync(context);
            return context.Response.StatusCode;
        }
    }

    /// <summary>Writes after cancellation, like a write in flight.</summary>
    private sealed class LateWriter(Action write) : BackgroundService
    {
        protected override async Task ExecuteAsync(CancellationToken stoppingToken)
        {
            await Task.Delay(Timeout.Infinite, stoppingToken).ConfigureAwait(
                ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
            write();
        }
    }
}
