namespace Orchestrator.Metrics.OrchestratorApi;

internal sealed class OrchestratorWorkerCollector(ApiClient api) : IMetricsCollector
{
    public static readonly string[] FamilyNames = ["wfo_workers", "wfo_worker_jobs"];

    public static readonly string[] LabelNames = ["executor_type", "state"];

    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var status = await api
            .GetAsync("api/settings/worker-status", ApiResponses.Default.WorkerStatus, cancellationToken)
            .ConfigureAwait(false);
        var workers = MetricFamily.Gauge("wfo_workers", "Number of workers online.", "executor_type");
        var jobs = MetricFamily.Gauge(
            "wfo_worker_jobs", "Number of jobs that workers have, per state.", "executor_type", "state");

        // orchestrator-core returns -1 if the number is unknown.
        if (status.NumberOfWorkersOnline >= 0)
            workers.Add(status.NumberOfWorkersOnline.Value, status.ExecutorType!);
        jobs.Add(status.NumberOfQueuedJobs!.Value, status.ExecutorType!, "queued");
        jobs.Add(status.NumberOfRunningJobs!.Value, status.ExecutorType!, "running");
        return [workers, jobs];
    }
}
