using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics;

/// <summary>What the runners of one registry share.</summary>
internal sealed record CollectionServices(
    IServiceScopeFactory Scopes, TimeProvider Time, CollectionLog Log, OrchestratorMetricsOptions Options)
{
    /// <summary>Spans for tracing: one per scrape, one per run of a collector.</summary>
    public static readonly ActivitySource Activities = new("Orchestrator.Metrics");

    /// <summary>One for each collector that may run now.</summary>
    public SemaphoreSlim Slots { get; } = new(Options.MaxConcurrentCollectors);
}
