using System.Globalization;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>
/// Prevents replicas with different windows or buckets from sharing results, for example during a rollout.
/// </summary>
internal sealed class OperationalSharing(string collector, IOptions<OperationalMetricsOptions> settings)
    : IPostConfigureOptions<CollectorOptions>
{
    public void PostConfigure(string? name, CollectorOptions options)
    {
        if (name == collector)
            options.SharedSettings = () =>
            [
                settings.Value.Window.ToString("c", CultureInfo.InvariantCulture),
                .. settings.Value.UpperBounds.Select(bound => bound.ToString("R", CultureInfo.InvariantCulture)),
            ];
    }
}
