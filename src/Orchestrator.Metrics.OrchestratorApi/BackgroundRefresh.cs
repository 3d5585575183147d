using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>
/// Lets the two collectors that query the API run in the background, whatever the host sets in code. Only the
/// configuration of these collectors overrides it.
/// </summary>
internal sealed class BackgroundRefresh(IOptions<OrchestratorApiOptions> api) : IPostConfigureOptions<CollectorOptions>
{
    private const string EngineCollector = "WorkflowEngineCollector";

    // worker-status takes some 4 s with Celery. Longer than this, a hanging API would delay the next refresh.
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    public void PostConfigure(string? name, CollectorOptions options)
    {
        if (name is not (EngineCollector or nameof(OrchestratorWorkerCollector)))
            return;
        if (options.RefreshEvery == TimeSpan.Zero)
            options.RefreshEvery = RefreshEvery();
        options.CacheFor = TimeSpan.Zero;

        // A value that the host sets for all default collectors would export an outdated engine status for too long.
        options.ServeStaleFor = TimeSpan.Zero;
        options.Timeout ??= DefaultTimeout;
        options.WaitForFirstResult = false;

        // A request mostly waits. A smaller share would ask a slow API less often, and accept old answers for longer.
        options.MaxRefreshShare = 1;
    }

    private TimeSpan RefreshEvery()
    {
        try
        {
            return api.Value.RefreshEvery;
        }
        catch (OptionsValidationException)
        {
            // The host reports these problems itself when it starts, once.
            return new OrchestratorApiOptions().RefreshEvery;
        }
    }
}
