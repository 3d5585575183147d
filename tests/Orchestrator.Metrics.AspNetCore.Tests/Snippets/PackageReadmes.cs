// What the READMEs of the packages show, compiled. ReadmeTests compares.
#pragma warning disable IDE0005

using System.Data.Common;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orchestrator.Metrics;

namespace Orchestrator.Metrics.Tests.Snippets;

internal static class PackageReadmes
{
    public static async Task CoreAsync()
    {
        var registry = new OrchestratorMetricsRegistry();
        registry.Register(new QueueCollector(new Jobs()));
        await registry.WriteAsync(Console.OpenStandardOutput(), ExpositionFormat.PrometheusText);
    }

    public static void AspNetCore(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.Services.AddSingleton<Jobs>();
        builder.Services.AddOrchestratorMetrics()
            .AddCollector<QueueCollector>();

        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.Run();
    }

    public static void Relational(string[] args)
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

    public static void PrometheusNet(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);

        builder.Services.AddOrchestratorMetrics()
            .AddPrometheusNet();

        var app = builder.Build();
        app.MapOrchestratorMetrics();
        app.Run();
    }
}
