using System.Globalization;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Exporter.Checks;

internal sealed class CollectorCheck(IServiceProvider services, FailureText failures, CheckReport report)
{
    private const string NewestTestedVersion = "5.3.0";

    private readonly string _prefix =
        services.GetRequiredService<IOptions<OrchestratorMetricsOptions>>().Value.ScrapeMetricsPrefix;

    /// <param name="canReadTables">
    /// Whether the user may read all tables of the collectors. If not, the schema is unknown, even if no collector
    /// fails.
    /// </param>
    public async Task RunAsync(bool canReadTables)
    {
        var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();
        MetricsSnapshot? snapshot = null;
        try
        {
            snapshot = await registry.CollectAsync();
        }
        catch (MetricsCollectionException)
        {
            // All collectors failed. Their statuses contain the causes.
        }

        var statuses = registry.GetCollectorStatuses();
        if (canReadTables)
            ReportSchema(statuses);
        foreach (var status in statuses)
            Report(status, snapshot);
    }

    private void ReportSchema(IReadOnlyList<CollectorStatus> statuses)
    {
        var errors = statuses.Where(status => FailureText.IsCore(status.Collector.Name))
            .Select(status => status.Error).ToArray();
        if (errors.OfType<UnsupportedSchemaException>().FirstOrDefault() is { } old)
            report.AddFailure("schema", failures.Describe(old));
        else if (Array.TrueForAll(errors, error => error is null))
            report.AddSuccess(
                "schema",
                "The tables are those of orchestrator-core 2.0.1 or later. The newest version that was tested is " +
                $"{NewestTestedVersion}.");
    }

    private void Report(CollectorStatus status, MetricsSnapshot? snapshot)
    {
        var item = "collector " + status.Collector.Name;
        if (status.Error is { } error)
        {
            if (FailureText.FindMetrics(error) is { } metrics)
                item += ", query of " + metrics;
            report.AddFailure(item, failures.Describe(error, status.Collector.Name));
            return;
        }

        var samples = GetMeasurement(snapshot!, "samples", status);
        var seconds = GetMeasurement(snapshot!, "duration_seconds", status);
        var unit = samples == 1 ? "sample" : "samples";
        report.AddSuccess(item, string.Create(CultureInfo.InvariantCulture, $"{samples} {unit} in {seconds:0.000} s."));
    }

    private double GetMeasurement(MetricsSnapshot snapshot, string name, CollectorStatus status) =>
        snapshot.TryGetValue(_prefix + name, out var value, ("collector", status.Collector.Name))
            ? value
            : throw new InvalidOperationException($"The scrape has no metric {_prefix}{name}.");
}
