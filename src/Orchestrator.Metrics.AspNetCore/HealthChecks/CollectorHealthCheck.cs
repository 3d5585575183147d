using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Orchestrator.Metrics.AspNetCore.HealthChecks;

/// <summary>
/// Reports collectors that failed in their last scrape, or whose data is too old. Runs no collector, because a
/// collector may export health checks. The result names collectors only, because messages may be confidential.
/// </summary>
internal sealed class CollectorHealthCheck(OrchestratorMetricsRegistry registry, TimeSpan? maxAge) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(
        HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Check(context.Registration.FailureStatus));

    private HealthCheckResult Check(HealthStatus failureStatus)
    {
        var statuses = registry.GetCollectorStatuses();
        var data = statuses.ToDictionary(status => status.Collector.Name, status => (object)Describe(status));
        string[] problems =
        [
            .. DescribeProblem("Failed collectors: {0}. See the application log for the cause.", IsFailed),
            .. DescribeProblem("Collectors with old data: {0}.", IsStale),
        ];
        return problems.Length == 0
            ? HealthCheckResult.Healthy("All scraped collectors succeeded.", data)
            : new HealthCheckResult(failureStatus, string.Join(' ', problems), data: data);

        IEnumerable<string> DescribeProblem(string message, Func<CollectorStatus, bool> isAffected)
        {
            var names = statuses.Where(isAffected).Select(status => status.Collector.Name).ToArray();
            if (names.Length > 0)
                yield return message.Replace("{0}", string.Join(", ", names), StringComparison.Ordinal);
        }
    }

    private static bool IsFailed(CollectorStatus status) => status.Error is not null;

    private bool IsStale(CollectorStatus status) => status.DataAge > maxAge;

    private string Describe(CollectorStatus status) =>
        !status.WasScraped ? "not scraped"
        : IsFailed(status) ? "failed"
        : IsStale(status) ? "stale"
        : "succeeded";
}
