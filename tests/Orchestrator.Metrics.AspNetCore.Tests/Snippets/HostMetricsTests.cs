// Snippets of the README of the test kit and of the default families page, compiled and run. ReadmeTests compares them.
#pragma warning disable IDE0005

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics;
using Orchestrator.Metrics.Testing;

namespace Orchestrator.Metrics.Tests.Snippets;

public class HostMetricsTests
{
    [Test]
    public async Task All_metrics_of_a_host_follow_the_conventions()
    {
        await using var app = BuildHost();

        var metrics = await app.Services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync();
        Assert.That(metrics.Lint(), Is.Empty);

        Assert.That(metrics.Families, Has.Count.EqualTo(6));
    }

    private static WebApplication BuildHost()
    {
        var builder = WebApplication.CreateBuilder();
        builder.Services.AddScoped<ISubscriptionRepository, Subscriptions>();
        builder.Services.AddScoped<IProcessRepository, Processes>();
        builder.Services.AddScoped<IWorkflowEngineRepository, Engine>();
        builder.Services.AddSingleton<Jobs>();
        builder.Services.AddOrchestratorMetrics().AddCollector<QueueCollector>();
        return builder.Build();
    }
}
