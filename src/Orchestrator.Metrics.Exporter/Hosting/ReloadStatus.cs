using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>
/// The metrics about the last reload, with the semantics of prometheus_config_last_reload_*. Each loaded configuration
/// has a separate instance. Thread-safe.
/// </summary>
internal sealed class ReloadStatus
{
    private const string Prefix = ExporterOptions.LastReloadPrefix;
    private const string Successful = Prefix + "_successful";
    private const string Timestamp = Prefix + "_success_timestamp_seconds";

    private readonly double _loadedAt = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0;
    private volatile bool _hasFailed;

    public void AddTo(OrchestratorMetricsBuilder metrics)
    {
        metrics.Services.AddSingleton(this);
        metrics.AddCollector(
            Prefix, (_, _) => Task.FromResult(Collect()), options => options.FamilyNames = [Successful, Timestamp]);
    }

    public void MarkFailed() => _hasFailed = true;

    private IReadOnlyList<MetricFamily> Collect()
    {
        var successful = MetricFamily.Gauge(Successful, "Whether the last reload of the configuration succeeded.");
        successful.Add(_hasFailed ? 0 : 1);
        var timestamp = MetricFamily.Gauge(Timestamp, "When the configuration was last loaded successfully.");
        timestamp.Add(_loadedAt);
        return [successful, timestamp];
    }
}
