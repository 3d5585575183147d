using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics.Benchmarks.Ratios;

namespace Orchestrator.Metrics.Benchmarks.Peers;

/// <summary>The Prometheus exporter of OpenTelemetry with an observable gauge, called as middleware.</summary>
internal sealed class OpenTelemetryExporter : IAsyncDisposable
{
    private readonly Meter _meter = new("Orchestrator.Metrics.Benchmarks.Rows");
    private readonly WebApplication _application;
    private readonly Func<Stream, string?, Task> _endpoint;

    public OpenTelemetryExporter(IReadOnlyList<SeriesRow> rows)
    {
        _meter.CreateObservableGauge(SeriesRow.FamilyName, () => Measure(rows), description: SeriesRow.Help);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter(_meter.Name)
            .AddView(_ => new MetricStreamConfiguration { CardinalityLimit = rows.Count + 10 })
            .AddPrometheusExporter(options => options.ScrapeResponseCacheDurationMilliseconds = 0));
        _application = builder.Build();
        _endpoint = CreateEndpoint(_application.Services);
    }

    public Task WriteAsync(Stream stream) => _endpoint(stream, null);

    public static Func<Stream, string?, Task> CreateEndpoint(IServiceProvider services)
    {
        IApplicationBuilder pipeline = new ApplicationBuilder(services);
        var endpoint = pipeline.UseOpenTelemetryPrometheusScrapingEndpoint().Build();
        return async (stream, accept) =>
        {
            var context = new DefaultHttpContext { RequestServices = services };
            context.Request.Method = HttpMethods.Get;
            context.Request.Path = "/metrics";
            context.Request.Headers.Accept = accept;
            context.Response.Body = stream;
            await endpoint(context);
        };
    }

    public async ValueTask DisposeAsync()
    {
        _meter.Dispose();
        await _application.DisposeAsync();
    }

    private static IEnumerable<Measurement<double>> Measure(IReadOnlyList<SeriesRow> rows)
    {
        foreach (var row in rows)
            yield return new Measurement<double>(
                row.Value,
                new("created_by", row.CreatedBy), new("customer_id", row.CustomerId), new("is_task", row.IsTask),
                new("last_status", row.LastStatus), new("product_name", row.ProductName),
                new("workflow_name", row.WorkflowName), new("workflow_target", row.WorkflowTarget));
    }
}
