using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.DependencyInjection;

namespace Orchestrator.Metrics;

public sealed partial class OrchestratorMetricsBuilder
{
    /// <summary>Sets options of default collectors, such as <see cref="CollectorOptions.CacheFor"/>.</summary>
    /// <param name="collectors">The default collectors to configure.</param>
    /// <param name="configure">
    /// Sets the options, once for each collector. <see cref="CollectorOptions.FamilyNames"/> and
    /// <see cref="CollectorOptions.LabelNames"/> cannot be changed.
    /// </param>
    public OrchestratorMetricsBuilder ConfigureDefaultCollectors(
        DefaultCollectors collectors, Action<CollectorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.AddSingleton(new DefaultCollectorConfiguration(collectors, configure));
        return this;
    }

    /// <summary>
    /// Adds default collectors again, for repositories that are registered with a service key, such as those of a
    /// second database. The key is appended to the names of the collectors: <c>ProcessCollector_second</c> for the key
    /// <c>second</c>.
    /// </summary>
    /// <remarks>
    /// <see cref="OrchestratorMetricsOptions.DefaultCollectors"/> and <see cref="ConfigureDefaultCollectors"/> apply
    /// only to the collectors without a key. Collectors that declare the same family are an error at start-up, unless
    /// their <see cref="CollectorOptions.AddLabels"/> differ.
    /// </remarks>
    /// <param name="key">The service key of the repositories.</param>
    /// <param name="collectors">The default collectors to add.</param>
    /// <param name="configure">
    /// Sets the options, once for each collector. <see cref="CollectorOptions.FamilyNames"/> and
    /// <see cref="CollectorOptions.LabelNames"/> cannot be changed.
    /// </param>
    public OrchestratorMetricsBuilder AddDefaultCollectors(
        string key, DefaultCollectors collectors = DefaultCollectors.All, Action<CollectorOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        DefaultCollectorConfiguration[] configurations = configure is null ? [] : [new(collectors, configure)];
        foreach (var collector in DefaultCollector.GetAll(configurations, key))
        {
            if (!collectors.HasFlag(collector.Flag))
                continue;
            Add(collector.Registration);
            Services.AddSingleton(new RequiredRepository(
                collector.Registration.Name, collector.Repository, key,
                $"or exclude the collector: {nameof(AddDefaultCollectors)}(\"{key}\", collectors)"));
        }

        return this;
    }
}
