// The snippets about .NET meters in the READMEs, compiled. ReadmeTests compares them.
#pragma warning disable CA1812, IDE0005, CS8019

using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using Orchestrator.Metrics;
using MetricPoint = Orchestrator.Metrics.MetricPoint;

namespace Orchestrator.Metrics.Tests.Snippets;

internal static class ReadmeMeters
{
    public static void Count(WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<Logins>();
        builder.Services.AddOrchestratorMetrics()
            .AddMeters("Acme", "Microsoft.AspNetCore.Hosting", "System.Runtime");
    }

    public static void Attach(WebApplicationBuilder builder)
    {
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter("Acme")
                .AddView("acme.jobs.done", new MetricStreamConfiguration { CardinalityLimit = 10_000 })
                .SetExemplarFilter(ExemplarFilterType.TraceBased)
                .AddOrchestratorMetricsExporter());
    }

    public static MetricPoint UseAlias() => MetricPoint.Gauge(1);
}

public sealed class Logins(IMeterFactory meters)
{
    private readonly Counter<long> _logins = meters.Create("Acme").CreateCounter<long>("acme.logins", null, "Logins.");

    public void Count(string method) => _logins.Add(1, new KeyValuePair<string, object?>("method", method));
}

public sealed class JobMetrics(IMeterFactory meters)
{
    private readonly Counter<long> _done = meters.Create("Acme").CreateCounter<long>(
        "acme.jobs.done", "{job}", "Jobs done, per kind.");

    private readonly Histogram<double> _duration = meters.Create("Acme").CreateHistogram(
        "acme.jobs.duration", "s", "Duration of jobs.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1, 10, 60] });

    public void RecordJob(string kind, TimeSpan duration)
    {
        _done.Add(1, new KeyValuePair<string, object?>("kind", kind));
        _duration.Record(duration.TotalSeconds);
    }
}
