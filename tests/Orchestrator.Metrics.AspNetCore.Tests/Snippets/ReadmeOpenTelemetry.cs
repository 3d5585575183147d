// The OpenTelemetry snippet of the README of the core, compiled. ReadmeTests compares it.
#pragma warning disable IDE0005

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics;

namespace Orchestrator.Metrics.Tests.Snippets;

internal static class ReadmeOpenTelemetry
{
    public static void Export(WebApplicationBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .PublishToMeter();
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter("Orchestrator.Metrics")
                .AddView("wfo_*", new MetricStreamConfiguration { CardinalityLimit = 20_000 })
                .AddOtlpExporter());
    }
}
