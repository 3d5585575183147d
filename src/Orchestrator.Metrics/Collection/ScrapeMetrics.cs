namespace Orchestrator.Metrics.Collection;

/// <summary>
/// The metrics about a scrape: one series per collector, and one per reason for its failures.
/// Source of the design: https://prometheus.io/docs/instrumenting/writing_exporters/#failed-scrapes.
/// </summary>
internal sealed class ScrapeMetrics(CollectorScheduler scheduler)
{
    private readonly MetricFamily _success = Gauge(
        scheduler, "success", "Whether the last run of the collector succeeded (1) or failed (0).");
    private readonly MetricFamily _duration = Gauge(
        scheduler, "duration_seconds", "Duration of the collector run that this scrape used.");
    private readonly MetricFamily _age = Gauge(
        scheduler, "data_age_seconds", "Age of the collector's data in this scrape.");
    private readonly MetricFamily _families = Gauge(
        scheduler, "families", "Metric families of the collector in this scrape.");
    private readonly MetricFamily _samples = Gauge(
        scheduler, "samples", "Samples of the collector in this scrape.");
    private readonly MetricFamily _failures = MetricFamily.Counter(
        Name(scheduler, "failures"), "Failures of the collector since the start, by reason.", "collector", "reason");
    private readonly MetricFamily _abandoned = MetricFamily.Counter(
        Name(scheduler, "abandoned_runs"), "Runs that ignored their cancellation, since the start.", "collector");

    public IReadOnlyList<MetricFamily> Families =>
        [_success, _duration, _age, _families, _samples, _failures, _abandoned];

    public void Add(SharedCollector collector, CollectorOutcome outcome)
    {
        var name = collector.Name;
        _success.Add(outcome.Error is null ? 1 : 0, name);
        _duration.Add(outcome.Duration.TotalSeconds, name);
        if (outcome.Families is not null)
            _age.Add(scheduler.ElapsedSince(outcome.StartedAt).TotalSeconds, name);
        _families.Add(outcome.Families?.Count ?? 0, name);
        _samples.Add(outcome.Families?.Sum(family => (long)family.SampleCount) ?? 0, name);
        foreach (var (reason, total) in collector.Failures.Totals)
            _failures.Add(total, name, reason);
        _abandoned.Add(collector.Failures.AbandonedRuns, name);
    }

    private static MetricFamily Gauge(CollectorScheduler scheduler, string name, string help) =>
        MetricFamily.Gauge(Name(scheduler, name), help, "collector");

    private static string Name(CollectorScheduler scheduler, string end) => scheduler.Options.ScrapeMetricsPrefix + end;
}
