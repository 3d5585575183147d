// The snippets of READMEs and documentation pages about hosts, compiled. ReadmeTests compares them.
#pragma warning disable CA1822, IDE0005, IDE0060

using System.Data.Common;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Metrics;

namespace Orchestrator.Metrics.Tests.Snippets;

internal static class ReadmeHost
{
    public static void Run(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.Services.AddScoped<ISubscriptionRepository, Subscriptions>();
        builder.Services.AddScoped<IProcessRepository, Processes>();
        builder.Services.AddScoped<IWorkflowEngineRepository, Engine>();
        builder.Services.AddOrchestratorMetrics();

        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.Run();
    }

    public static void SelectDefaultCollectors(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics(options =>
            options.DefaultCollectors = DefaultCollectors.Subscriptions | DefaultCollectors.WorkflowEngine);
    }

    public static void Register(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddCollector<PortCollector>()                                        // a type, created for each run
            .AddCollector(services => new SitesCollector("Oslo"))                 // a factory
            .AddCollector(new SitesCollector("Rome"), options => options.Name = "Rome"); // an instance
    }

    public static void AddGauge(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddGauge("acme_queue_length", "Jobs waiting.", async (services, cancellationToken) =>
                (await services.GetRequiredService<Jobs>().CountAsync(cancellationToken)).Values.Sum());
    }

    public static void AddDelegates(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddGauge("acme_sites", "Sites in the inventory.", services =>
                services.GetRequiredService<Inventory>().SiteCount)
            .AddCollector("Racks", async (services, cancellationToken) =>
            {
                var inventory = services.GetRequiredService<Inventory>();
                var racks = MetricFamily.Gauge("acme_racks", "Racks, per site.", "site");
                foreach (var (site, count) in await inventory.CountRacksAsync(cancellationToken))
                    racks.Add(count, site);
                return [racks];
            });
    }

    public static void Tag(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddCollector<PortCollector>(options => options.Tags = ["cluster"]);
    }

    public static void MapTwo(WebApplication app)
    {
        app.MapOrchestratorMetrics(configure: options =>
            options.Predicate = collector => !collector.Tags.Contains("cluster"));
        app.MapOrchestratorMetrics("/metrics/cluster", options =>
            options.Predicate = collector => collector.Tags.Contains("cluster"));
    }

    public static void Tune(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics(options =>
            {
                options.FailurePolicy = FailurePolicy.ReportAndContinue; // serve the others, report the failure
                options.CollectorTimeout = TimeSpan.FromSeconds(5);
            })
            .AddCollector<PortCollector>(options =>
            {
                options.FamilyNames = ["acme_ports"];              // lets ?name[]= skip the collector
                options.CacheFor = TimeSpan.FromMinutes(1);        // runs at most once a minute, unless it fails
                options.ServeStaleFor = TimeSpan.FromMinutes(10);  // bridges failures with the last good result
            })
            .ConfigureDefaultCollectors(DefaultCollectors.Processes, options =>
                options.CacheFor = TimeSpan.FromMinutes(1));
    }

    public static void ChangeLabels(OrchestratorMetricsBuilder metrics)
    {
        metrics.ConfigureDefaultCollectors(DefaultCollectors.Processes, options =>
        {
            options.DropLabels = ["created_by"];                                  // sums over all users
            options.MapLabel("customer_id", id => id.Split('-')[0]);              // groups customers, and sums
            options.HashLabels = ["workflow_name"];                               // pseudonyms, needs LabelHashKey
            options.AddLabels = new Dictionary<string, string> { ["site"] = "north" };
            options.NamePrefix = "acme_";
        });
    }

    public static void Refresh(OrchestratorMetricsBuilder metrics)
    {
        metrics.ConfigureDefaultCollectors(DefaultCollectors.Processes, options => options.RefreshEvery = TimeSpan.FromMinutes(1));
    }

    public static void DropPersonalData(OrchestratorMetricsBuilder metrics)
    {
        metrics.ConfigureDefaultCollectors(DefaultCollectors.All, options => options.DropLabels = ["created_by", "customer_id"]);
    }

    public static void Protect(WebApplication app)
    {
        app.MapOrchestratorMetrics().RequireAuthorization("monitoring");
    }

    public static void AddServer(IServiceCollection services)
    {
        var builder = new { Services = services };
        builder.Services.AddOrchestratorMetrics()
            .AddMetricsServer(port: 9464);
    }

    public static void AddProtectedServer(IHostApplicationBuilder builder, string password)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddMetricsServer(port: 9464, options =>
            {
                options.Address = IPAddress.Parse("10.0.0.5");
                options.ConfigureListener = listener => listener.UseHttps("acme.pfx", password);
                options.ConfigureConventions = endpoint => endpoint.RequireAuthorization("monitoring");
            });
    }

    public static void CheckHealth(IHostApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks()
            .AddOrchestratorMetrics();      // degraded if a collector failed in the last scrape
        builder.Services.AddOrchestratorMetrics()
            .AddHealthCheckMetrics();       // aspnetcore_healthcheck_status{name="…"}: 0, 0.5 or 1
    }

    public static void WriteFile(IHostApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddBuildInfo("acme")
            .WriteTextFile("/var/lib/node_exporter/acme.prom", TimeSpan.FromSeconds(30));
    }

    public static async Task<MetricFamily> CountRowsAsync(DbDataReader rows, CancellationToken cancellationToken)
    {
        // SELECT width_bucket(seconds, ARRAY[1, 10, 60]), count(*) FROM jobs GROUP BY 1
        double[] bounds = [1, 10, 60];
        var counts = new long[bounds.Length + 1]; // the last one for the bucket up to +Inf
        while (await rows.ReadAsync(cancellationToken))
            counts[rows.GetInt32(0)] = rows.GetInt64(1);

        var age = MetricFamily.GaugeHistogram("acme_job_age", "Age of the waiting jobs.", [], "seconds");
        age.Add(MetricPoint.GaugeHistogram(HistogramBuckets.FromCounts(bounds, counts)));
        return age;
    }

    public static async Task WriteAsync(OrchestratorMetricsRegistry registry, CancellationToken cancellationToken)
    {
        await registry.WriteAsync(Console.OpenStandardOutput(), ExpositionFormat.OpenMetrics, cancellationToken);
        await registry.WriteTextFileAsync("/var/lib/node_exporter/orchestrator.prom", cancellationToken);
    }

    public static IReadOnlyList<MetricFamily> CreateTypes()
    {
        var started = DateTimeOffset.FromUnixTimeSeconds(1_790_000_000);
        var requests = MetricFamily.Counter("acme_requests", "Requests served.", "method");
        requests.Add(1027, "GET");
        requests.Add(MetricPoint.Counter(3, created: started, exemplar: new(1, [new("trace_id", "4bf92f35")])), "PUT");

        var duration = MetricFamily.Histogram("acme_request_duration", "Time to answer.", ["method"], "seconds");
        duration.Add(
            MetricPoint.Histogram([new(0.1, 950), new(1, 1020), new(double.PositiveInfinity, 1027)], sum: 53.4), "GET");

        var size = MetricFamily.Summary("acme_answer_bytes", "Size of the answers.");
        size.Add(MetricPoint.Summary(count: 1027, sum: 512_000, quantiles: [new(0.5, 310), new(0.99, 4100)]));

        var build = MetricFamily.Info("acme_build_info", "What runs here.");
        build.Add(MetricPoint.Info([new("version", "2.1.0"), new("revision", "9f3c1e0")]));

        var feature = MetricFamily.StateSet("acme_feature", "Features that are on.");
        feature.Add(MetricPoint.StateSet([new("dark_mode", true), new("beta", false)]));

        return [requests, duration, size, build, feature];
    }

    public static MetricFamily CreateWaitingTimes()
    {
        var wait = MetricFamily.Histogram("acme_wait", "Time in the queue.", ["queue"], "seconds");
        var counts = new Dictionary<int, long> { [-4] = 12, [-3] = 250, [2] = 3 };
        wait.Add(MetricPoint.NativeHistogram(new NativeHistogram(schema: 3, sum: 218.4, counts, zeroCount: 1)), "import");
        return wait;
    }
}

public sealed class QueueCollector(Jobs jobs) : IMetricsCollector
{
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var waiting = MetricFamily.Gauge("acme_jobs_waiting", "Jobs waiting, per priority.", "priority");
        foreach (var (priority, count) in await jobs.CountAsync(cancellationToken))
            waiting.Add(count, priority);
        return [waiting];
    }
}

public sealed class Jobs
{
    public Task<Dictionary<string, int>> CountAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new Dictionary<string, int> { ["high"] = 2, ["low"] = 17 });
}

internal sealed class Subscriptions : ISubscriptionRepository
{
    public Task<IReadOnlyList<SubscriptionCount>> GetSubscriptionCountsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<SubscriptionCount>>(
        [
            new() { ProductName = "Router", LifecycleState = "active", CustomerId = "acme", InSync = true, Count = 53 },
        ]);
}

internal sealed class Processes : IProcessRepository
{
    public Task<IReadOnlyList<ProcessCount>> GetProcessCountsAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<ProcessCount>>(
        [
            new()
            {
                LastStatus = "completed", CreatedBy = "SYSTEM", IsTask = true, ProductName = "Router",
                WorkflowName = "validate_router", CustomerId = "acme", WorkflowTarget = "SYSTEM",
                Count = 4066, TotalSeconds = 6_720_000,
            },
        ]);
}

internal sealed class Engine : IWorkflowEngineRepository
{
    public Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(new WorkflowEngineState { GlobalLock = false, RunningProcesses = 5 });
}

internal sealed class SitesCollector(string city) : IMetricsCollector
{
    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var sites = MetricFamily.Gauge($"acme_sites_{city.ToLowerInvariant()}", "Sites.");
        sites.Add(1);
        return Task.FromResult<IReadOnlyList<MetricFamily>>([sites]);
    }
}
