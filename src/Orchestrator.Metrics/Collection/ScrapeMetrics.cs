namespace Orchestrator.Metrics.Collection;

/// <summary>
/// The metrics about a scrape: one series per collector.
/// Source of the design: https://prometheus.io/docs/instrumenting/writing_exporters/#failed-scrapes.
/// </summary>
internal sealed class ScrapeMetrics(CollectorScheduler scheduler)
{
    private readonly MetricFamily _success = Gauge(
        "success", "Whether the last run of the collector succeeded (1) or failed (0).");
    private readonly MetricFamily _duration = Gauge(
        "duration_seconds", "Duration of the collector run that this scrape used.");
    private readonly MetricFamily _age = Gauge(
        "data_age_seconds", "Age of the collector's data in this scrape.");
    private readonly MetricFamily _families = Gauge(
        "families", "Metric families of the collector in this scrape.");
    private readonly MetricFamily _samples = Gauge(
        "samples", "Samples of the collector in this scrape.");
    private readonly MetricFamily _abandoned = Gauge(
        "abandoned_runs", "Runs of the collector that timed out and ignored their cancellation, since the start.");

    public IReadOnlyList<MetricFamily> Families => [_success, _duration, _age, _families, _samples, _abandoned];

    public void Add(SharedCollector collector, CollectorOutcome outcome)
    {
        var name = collector.Name;
        _success.Add(outcome.Error is null ? 1 : 0, name);
        _duration.Add(outcome.Duration.TotalSeconds, name);
        if (outcome.Result is { } result)
            _age.Add(scheduler.ElapsedSince(result.StartedAt).TotalSeconds, name);
        _families.Add(outcome.Result?.Families.Count ?? 0, name);
        _samples.Add(outcome.Result?.Families.Sum(family => (long)family.SampleCount) ?? 0, name);
        _abandoned.Add(collector.AbandonedRuns, name);
    }

    private static MetricFamily Gauge(string name, string help) =>
        MetricFamily.Gauge("wfo_scrape_collector_" + name, help, "collector");
}
