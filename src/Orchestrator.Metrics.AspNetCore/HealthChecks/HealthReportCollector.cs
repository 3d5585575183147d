using System.Collections.Concurrent;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Orchestrator.Metrics.AspNetCore.HealthChecks;

/// <summary>
/// Exports the last result of each health check. The host runs the checks at its own interval and publishes the
/// results: a check that hangs must not fail scrapes, and scrapes must not put load on the systems that the checks
/// test.
/// </summary>
internal sealed class HealthReportCollector(TimeProvider time) : IMetricsCollector, IHealthCheckPublisher
{
    // prometheus-net.AspNetCore.HealthChecks uses the same name for the status.
    private const string Status = "aspnetcore_healthcheck_status";
    private const string Duration = "aspnetcore_healthcheck_duration_seconds";
    private const string Age = "aspnetcore_healthcheck_age_seconds";

    public static readonly string[] FamilyNames = [Status, Duration, Age];

    // The host publishes checks that have different intervals separately.
    private readonly ConcurrentDictionary<string, PublishedResult> _entries = [];

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        var now = time.GetTimestamp();
        foreach (var (name, entry) in report.Entries)
            _entries[name] = new(entry.Status, entry.Duration, now);
        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var status = MetricFamily.Gauge(
            Status, "Status of the health check: 0 unhealthy, 0.5 degraded, 1 healthy.", "name");
        var duration = MetricFamily.Gauge(Duration, "Duration of the health check.", ["name"], "seconds");
        var age = MetricFamily.Gauge(Age, "Time since the health check was published.", ["name"], "seconds");
        foreach (var (name, entry) in _entries.OrderBy(entry => entry.Key, StringComparer.Ordinal))
        {
            status.Add(ToValue(entry.Status), name);
            duration.Add(entry.Duration.TotalSeconds, name);
            age.Add(time.GetElapsedTime(entry.PublishedAt).TotalSeconds, name);
        }

        return Task.FromResult<IReadOnlyList<MetricFamily>>([status, duration, age]);
    }

    private static double ToValue(HealthStatus status) => status switch
    {
        HealthStatus.Healthy => 1,
        HealthStatus.Degraded => 0.5,
        _ => 0,
    };

    private sealed record PublishedResult(HealthStatus Status, TimeSpan Duration, long PublishedAt);
}
