// The snippets of the package READMEs, compiled. ReadmeTests compares them.
#pragma warning disable CA1812, IDE0005

using System.Data.Common;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Metrics;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests.Snippets;

internal static class PackageReadmes
{
    public static async Task WriteAsync()
    {
        var registry = new OrchestratorMetricsRegistry();
        registry.Register(new PortCollector(new Inventory()));
        await registry.WriteAsync(Console.OpenStandardOutput(), ExpositionFormat.PrometheusText);
    }

    public static void RunEndpoint(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.Services.AddOrchestratorMetrics()
            .AddGauge("acme_workers", "Workers in the configuration.", services =>
                services.GetRequiredService<IConfiguration>().GetValue("Workers", 4));

        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.Run();
    }

    public static async Task ReadAsync(OrchestratorMetricsRegistry registry, CancellationToken cancellationToken)
    {
        var snapshot = await registry.CollectAsync(
            new ScrapeRequest
            {
                Names = ["acme_ports"],                                        // as ?name[]=
                Predicate = collector => collector.Tags.Contains("cluster"),
                Timeout = TimeSpan.FromSeconds(5),
            },
            cancellationToken);

        if (snapshot.TryGetValue("acme_ports", out var free, ("site", "Oslo"), ("state", "free")))
            Report(free);

        foreach (var family in snapshot.Families)
        {
            foreach (var sample in family.Samples)
                Console.WriteLine($"{sample.Labels["site"]}: {sample.Value}");
        }

        static void Report(double value) => Console.WriteLine(value);
    }

    public static (MetricsSnapshot, MetricsSnapshot) Parse(string text)
    {
        var scraped = MetricsSnapshot.Parse(text);
        var validated = MetricsSnapshot.Parse(text, ExpositionParseMode.StrictOpenMetrics);
        return (scraped, validated);
    }

    public static void AddLibrary(WebApplicationBuilder builder, IMetricsLibrary library)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddCollector(new ExpositionTextCollector((stream, token) => library.WriteMetricsAsync(stream, token)));
    }

    public static MetricFamily Build()
    {
        var temperature = new MetricFamilyBuilder(
                MetricType.Gauge, "acme_temperature_celsius", "Temperature, per sensor.", unit: "celsius")
            .AddSample("acme_temperature_celsius", 21.5, [new("sensor", "inlet")])
            .AddSample("acme_temperature_celsius", 24, [new("sensor", "outlet"), new("rack", "7")])
            .Build();
        return temperature;
    }

    public static void RunQueueCollector(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.Services.AddSingleton<Jobs>();
        builder.Services.AddOrchestratorMetrics()
            .AddCollector<QueueCollector>();

        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.Run();
    }

    public static void RunRelational(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        var connectionString = builder.Configuration.GetConnectionString("Orchestrator")!;
        builder.Services.AddSingleton<DbDataSource>(NpgsqlDataSource.Create(connectionString));
        builder.Services.AddOrchestratorMetrics()
            .AddRelationalRepositories();

        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.Run();
    }

    public static void RunMeters(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.Services.AddSingleton<JobMetrics>();
        builder.Services.AddOrchestratorMetrics()
            .AddMeters("Acme", "Microsoft.AspNetCore.Hosting", "System.Runtime");

        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.MapPost("/jobs", (JobMetrics metrics) => metrics.RecordJob("import", TimeSpan.FromSeconds(2)));
        app.Run();
    }

    public static void RunPrometheusNet(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.Services.AddOrchestratorMetrics()
            .AddPrometheusNet();

        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.Run();
    }

    public static void RunOrchestratorApi(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.Services.AddOrchestratorMetrics(options => options.FailurePolicy = FailurePolicy.ReportAndContinue)
            .AddRelationalRepositories()
            .AddOrchestratorApi(options =>
            {
                options.BaseAddress = new Uri("https://orchestrator.example.org");
                options.TokenFile = "/run/secrets/orchestrator-token";
            });

        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.Run();
    }

    public static void ConfigureOrchestratorApiClient(IServiceCollection services)
    {
        services.AddHttpClient("Orchestrator.Metrics.OrchestratorApi")
            .UseSocketsHttpHandler((handler, _) => handler.Proxy = new WebProxy("http://proxy.example.org:3128"));
    }

    public static void RunRedis(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.Services.AddOrchestratorMetrics(options => options.ScrapeMetrics = true)
            .AddRelationalRepositories()
            .ConfigureDefaultCollectors(DefaultCollectors.All, options => options.CacheFor = TimeSpan.FromSeconds(30))
            .ShareResultsInRedis("localhost:6379");

        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.Run();
    }

    public static void ShareHostConnection(OrchestratorMetricsBuilder metrics)
    {
        metrics.ShareResultsInRedis(services => services.GetRequiredService<IConnectionMultiplexer>());
    }
}

public sealed class PortCollector(Inventory inventory) : IMetricsCollector
{
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var ports = MetricFamily.Gauge("acme_ports", "Ports, per site and state.", "site", "state");
        foreach (var row in await inventory.CountPortsAsync(cancellationToken))
            ports.Add(row.Count, row.Site, row.State);
        return [ports];
    }
}

public sealed class DeviceCollector(Inventory inventory, CollectorContext context) : IMetricsCollector
{
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var devices = MetricFamily.Gauge("acme_devices", "Devices, per site.", "site");
        foreach (var (site, count) in await inventory.CountDevicesAsync(context.TimeRemaining, cancellationToken))
            devices.Add(count, site);
        return [devices];
    }
}

public sealed record PortCount(string Site, string State, int Count);

/// <summary>Stands in for a service of the application.</summary>
public sealed class Inventory
{
    private readonly Dictionary<string, int> _sites = new() { ["Oslo"] = 3, ["Rome"] = 5 };

    private readonly PortCount[] _ports =
        [new("Oslo", "free", 14), new("Oslo", "used", 34), new("Rome", "used", 48)];

    public int SiteCount => _sites.Count;

    public Task<PortCount[]> CountPortsAsync(CancellationToken cancellationToken) => Return(_ports, cancellationToken);

    public Task<Dictionary<string, int>> CountRacksAsync(CancellationToken cancellationToken) =>
        Return(_sites, cancellationToken);

    public Task<Dictionary<string, int>> CountDevicesAsync(TimeSpan? timeout, CancellationToken cancellationToken) =>
        timeout <= TimeSpan.Zero
            ? Task.FromException<Dictionary<string, int>>(new TimeoutException())
            : Return(_sites, cancellationToken);

    private static Task<T> Return<T>(T value, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? Task.FromCanceled<T>(cancellationToken) : Task.FromResult(value);
}

/// <summary>Stands in for a metrics library that writes text.</summary>
internal interface IMetricsLibrary
{
    Task WriteMetricsAsync(Stream stream, CancellationToken cancellationToken);
}
