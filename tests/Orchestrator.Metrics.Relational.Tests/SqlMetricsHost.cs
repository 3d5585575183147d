using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

internal static class SqlMetricsHost
{
    public static ServiceProvider BuildServices(
        DbDataSource database, Action<OrchestratorMetricsBuilder> add,
        Action<OrchestratorMetricsOptions>? options = null)
    {
        var builder = new ServiceCollection().AddSingleton(database).AddOrchestratorMetrics(options);
        add(builder);
        return builder.Services.BuildServiceProvider(validateScopes: true);
    }

    public static async Task<MetricsSnapshot> CollectAsync(
        DbDataSource database, string query, Action<SqlMetricsBuilder> define,
        Action<OrchestratorMetricsOptions>? options = null)
    {
        await using var services = BuildServices(
            database, metrics => metrics.AddSqlMetrics("query", query, define), options);
        return await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();
    }

    public static async Task<Exception> CollectFailureAsync(
        DbDataSource database, string query, Action<SqlMetricsBuilder> define,
        Action<OrchestratorMetricsOptions>? options = null)
    {
        var failure = await Assert.ThrowsAsync<MetricsCollectionException>(
            () => CollectAsync(database, query, define, options));
        return failure!.InnerException!;
    }
}
