using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>
/// Makes the two collectors that query the API run in the background, regardless of what the host sets in code. Only
/// the configuration of these collectors overrides this.
/// </summary>
internal sealed class ApiCollectorDefaults(
    IOptions<OrchestratorApiOptions> api, Func<CollectorOptions, bool> isEngineCollector)
    : IPostConfigureOptions<CollectorOptions>
{
    // worker-status takes about 4 s with Celery. With a longer timeout, a hanging API would delay the next refresh.
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    public void PostConfigure(string? name, CollectorOptions options)
    {
        if (name != nameof(OrchestratorWorkerCollector) && !isEngineCollector(options))
            return;
        options.RefreshEvery = GetRefreshEvery();
        options.CacheFor = TimeSpan.Zero;

        // If the host sets a value for all default collectors, an old engine status would be served for too long.
        options.ServeStaleFor = TimeSpan.Zero;
        options.Timeout ??= DefaultTimeout;
        options.WaitForFirstResult = false;

        // A request mostly waits. With a smaller share, a slow API would be queried less often, so data would be older.
        options.MaxRefreshShare = 1;
    }

    private TimeSpan GetRefreshEvery()
    {
        try
        {
            return api.Value.RefreshEvery;
        }
        catch (OptionsValidationException)
        {
            // The host reports these problems once, when it starts.
            return new OrchestratorApiOptions().RefreshEvery;
        }
    }
}
