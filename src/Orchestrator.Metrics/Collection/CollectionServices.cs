using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics.Collection;

/// <summary>What the runners of one registry share.</summary>
internal sealed record CollectionServices(
    IServiceScopeFactory Scopes, TimeProvider Time, MetricsLog Log, OrchestratorMetricsOptions Options)
{
    /// <summary>Spans for tracing: one per scrape, one per run of a collector.</summary>
    public static readonly ActivitySource Activities = new("Orchestrator.Metrics");

    /// <summary>One for each collector that may run now.</summary>
    public SemaphoreSlim Slots { get; } = new(Options.MaxConcurrentCollectors);

    /// <summary>Where runs start.</summary>
    public RunThreads Threads { get; } = new();

    /// <summary>How long a run of a collector may take.</summary>
    public TimeSpan TimeLimit(CollectorRegistration collector) => collector.Timeout ?? Options.CollectorTimeout;

    /// <summary>What is left of a limit since a timestamp; never negative.</summary>
    public TimeSpan Remaining(TimeSpan limit, long since)
    {
        var left = limit - Time.GetElapsedTime(since);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }
}
