using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Outcomes;

/// <summary>
/// The metrics about a scrape: one series per collector, and for the failures one per collector and reason.
/// Source of the design: https://prometheus.io/docs/instrumenting/writing_exporters/#failed-scrapes.
/// </summary>
internal sealed class ScrapeMetrics(OrchestratorMetricsOptions options, TimeProvider time)
{
    private readonly MetricFamily _success = CreateGauge(
        options, "success", "Whether the last run of the collector succeeded (1) or failed (0).");
    private readonly MetricFamily _duration = CreateGauge(
        options, "duration_seconds", "Duration of the collector run that this scrape used.");
    private readonly MetricFamily _age = CreateGauge(
        options, "data_age_seconds", "Age of the collector's data in this scrape.");
    private readonly MetricFamily _families = CreateGauge(
        options, "families", "Metric families of the collector in this scrape.");
    private readonly MetricFamily _samples = CreateGauge(
        options, "samples", "Samples of the collector in this scrape.");
    private readonly MetricFamily _failures = MetricFamily.Counter(
        GetName(options, "failures"), "Failures of the collector since the start, by reason.", "collector", "reason");
    private readonly MetricFamily _abandoned = MetricFamily.Counter(
        GetName(options, "abandoned_runs"), "Runs that ignored their cancellation, since the start.", "collector");

    public IReadOnlyList<MetricFamily> Families =>
        [_success, _duration, _age, _families, _samples, _failures, _abandoned];

    /// <summary>Adds the series of a collector.</summary>
    public void Add(string name, CollectorOutcome outcome, FailureLog failures)
    {
        _success.Add(outcome.Error is null ? 1 : 0, name);
        _duration.Add(outcome.Duration.TotalSeconds, name);
        if (outcome.Families is not null)
            _age.Add(time.GetElapsedSince(outcome.StartedAt).TotalSeconds, name);
        _families.Add(outcome.Families?.Count ?? 0, name);
        _samples.Add(outcome.Families?.Sum(family => (long)family.SampleCount) ?? 0, name);
        foreach (var (reason, total) in failures.Totals)
            _failures.Add(total, name, reason);
        _abandoned.Add(failures.AbandonedRuns, name);
    }

    private static MetricFamily CreateGauge(OrchestratorMetricsOptions options, string name, string help) =>
        MetricFamily.Gauge(GetName(options, name), help, "collector");

    private static string GetName(OrchestratorMetricsOptions options, string name) =>
        options.ScrapeMetricsPrefix + name;
}
