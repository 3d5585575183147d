// The snippets of the README, compiled. ReadmeTests compares them.
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

internal sealed class WorkerPool
{
    private readonly long _running = 5;

    public Task<long> CountRunningAsync(CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested
            ? Task.FromCanceled<long>(cancellationToken)
            : Task.FromResult(_running);
}
