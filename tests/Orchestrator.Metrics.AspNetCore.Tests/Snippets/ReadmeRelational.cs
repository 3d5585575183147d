// The snippets of the README of the Relational package, compiled. ReadmeTests compares them.
using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Orchestrator.Metrics.Tests.Snippets;

internal static class ReadmeRelational
{
    public static void Add(WebApplicationBuilder builder, string connectionString)
    {
        builder.Services.AddSingleton<DbDataSource>(NpgsqlDataSource.Create(connectionString));
        builder.Services.AddOrchestratorMetrics()
            .AddRelationalRepositories();
    }

    public static void AddSqlite(WebApplicationBuilder builder)
    {
        var dataSource = SqliteFactory.Instance.CreateDataSource(
            "Data Source=orchestrator.db;Mode=ReadOnly;Pooling=False");
        builder.Services.AddOrchestratorMetrics()
            .AddRelationalRepositories(dataSource);
    }

    public static void AddSql(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddSqlMetrics(
                "ports",
                "SELECT site, speed, count(*) AS ports FROM ports GROUP BY site, speed",
                metrics => metrics.Gauge(
                    "acme_ports", "Ports per site and speed.", labels: ["site", "speed"], value: "ports"));
    }

    public static void AddSqlFamilies(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddSqlMetrics(
                "orders",
                """
                SELECT site, sum(bytes) AS bytes, sum(errors) AS errors, sum(drops) AS drops,
                       count(*) FILTER (WHERE seconds <= 60) AS minute, count(*) AS orders, sum(seconds) AS seconds
                FROM orders GROUP BY site
                """,
                metrics => metrics
                    .Counter("acme_order_bytes", "Bytes delivered.", labels: ["site"], value: "bytes")
                    .Histogram(
                        "acme_order_seconds", "Time to deliver.", labels: ["site"], sum: "seconds",
                        buckets: new Dictionary<double, string>
                        {
                            [60] = "minute",
                            [double.PositiveInfinity] = "orders",
                        })
                    .Add(new SqlMetricFamily
                    {
                        Type = MetricType.Gauge,
                        Name = "acme_order_problems",
                        Help = "Problems per kind.",
                        Labels = ["site"],
                        Values = ["errors", "drops"],
                        ValueLabel = "kind",
                        ConstantLabels = new Dictionary<string, string> { ["source"] = "orders" },
                    }),
                options => options.CacheFor = TimeSpan.FromMinutes(5));
    }

    public static void AddDatabases(WebApplicationBuilder builder, string inventory, string south)
    {
        builder.Services.AddKeyedSingleton<DbDataSource>("inventory", (_, _) => NpgsqlDataSource.Create(inventory));
        builder.Services.AddKeyedSingleton<DbDataSource>("south", (_, _) => NpgsqlDataSource.Create(south));
        builder.Services.AddOrchestratorMetrics()
            .AddSqlMetrics(
                "racks", "SELECT count(*) AS racks FROM racks",
                metrics => metrics.Gauge("acme_racks", "Racks.", value: "racks"),
                database: "inventory")
            .AddRelationalRepositories("south", options => options.ParallelQuery = false)
            .AddDefaultCollectors(
                "south", configure: options => options.AddLabels = new Dictionary<string, string> { ["database"] = "south" });
    }

    public static void SetDialect(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddRelationalRepositories(options => options.Dialect = new SqlDialect(SqlDialect.PostgreSql)
            {
                EngineSettingsQuery = "SELECT locked AS global_lock FROM engine",
            });
    }

    public static void Tune(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddRelationalRepositories(options =>
            {
                options.SharedSnapshot = true;   // all numbers of a scrape from one state of the database
                options.ParallelQuery = false;   // one server process per query
                options.RunningProcesses = (services, cancellationToken) =>
                    services.GetRequiredService<WorkerPool>().CountRunningAsync(cancellationToken);
            });
    }
}

public sealed class SiteCollector(OrchestratorDatabase database) : IMetricsCollector
{
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var ports = MetricFamily.Gauge("acme_site_ports", "Ports per site.", "site");
        foreach (var (site, count) in await database.ReadAsync(
            "SELECT site, count(*) AS ports FROM ports GROUP BY site",
            row => (row.GetString("site"), row.GetInt64("ports")), cancellationToken))
            ports.Add(count, site);
        return [ports];
    }
}

internal sealed class WorkerPool
{
    private readonly long _running = 5;

    public Task<long> CountRunningAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<long>(cancellationToken)
            : Task.FromResult(_running);
}
