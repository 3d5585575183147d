// The snippets of the README of the PrometheusNet package, compiled. ReadmeTests compares them.
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.Snippets;

internal static class ReadmeClientLibraries
{
    public static void AddPrometheusNet(HostBuilder builder)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddPrometheusNet();
    }

    public static void KeepAdapterOff()
    {
        Prometheus.Metrics.ConfigureMeterAdapter(options =>
            options.InstrumentFilterPredicate = instrument => instrument.Meter.Name != "Orchestrator.Metrics");
    }

    public static void AddPrometheusClient(HostBuilder builder, ICollectorRegistry registry)
    {
        builder.Services.AddOrchestratorMetrics()
            .AddCollector(new ExpositionTextCollector((stream, _) => ScrapeHandler.ProcessAsync(registry, stream)));
    }
}

/// <summary>The part of a host builder that the snippets need.</summary>
internal sealed record HostBuilder(IServiceCollection Services);

/// <summary>Stands in for the type of the same name in Prometheus.Client, which the tests do not reference.</summary>
internal interface ICollectorRegistry
{
    string Text { get; }
}

/// <summary>Stands in for the type of the same name in Prometheus.Client. The method has the same signature.</summary>
internal static class ScrapeHandler
{
    public static Task ProcessAsync(ICollectorRegistry registry, Stream outputStream) =>
        outputStream.WriteAsync(Encoding.UTF8.GetBytes(registry.Text)).AsTask();
}
