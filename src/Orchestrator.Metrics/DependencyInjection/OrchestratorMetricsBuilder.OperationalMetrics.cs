using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Collectors;
using Orchestrator.Metrics.DependencyInjection;

namespace Orchestrator.Metrics;

public sealed partial class OrchestratorMetricsBuilder
{
    /// <summary>
    /// Adds a collector named <c>OperationalCollector</c> that shows which processes are stuck. It reports the number
    /// of processes, <c>wfo_processes</c>; the oldest start and change of unfinished ones,
    /// <c>wfo_process_oldest_start_timestamp_seconds</c> and <c>wfo_process_oldest_change_timestamp_seconds</c>; and
    /// the durations of recently ended ones, <c>wfo_process_recent_duration_seconds</c>. It reads from the registered
    /// <see cref="IOperationalRepository"/>, such as that of <c>AddRelationalRepositories</c>; the host does not start
    /// without one.
    /// </summary>
    /// <param name="configure">
    /// Sets the window and the buckets. They apply to all databases, because the help text contains the window, and
    /// families with the same name must have the same help text.
    /// </param>
    /// <param name="configureCollector">
    /// Sets the options of the collector. <see cref="CollectorOptions.FamilyNames"/> and
    /// <see cref="CollectorOptions.LabelNames"/> cannot be changed.
    /// </param>
    /// <param name="key">
    /// The service key of the repository, such as the name of a second database. The key is appended to the name of the
    /// collector: <c>OperationalCollector_second</c> for the key <c>second</c>. Null, the default, means no key.
    /// </param>
    /// <remarks>
    /// Series that become equal because of <see cref="CollectorOptions.DropLabels"/> or
    /// <see cref="CollectorOptions.MapLabel"/> are summed; the two timestamp families keep the earliest timestamp.
    /// </remarks>
    public OrchestratorMetricsBuilder AddOperationalMetrics(
        Action<OperationalMetricsOptions>? configure = null, Action<CollectorOptions>? configureCollector = null,
        string? key = null)
    {
        if (key is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(key);

        // The options may change the name.
        CollectorRegistration registration = null!;
        registration = new(
            type: null,
            services => new OperationalCollector(
                DefaultCollector.GetRepository<IOperationalRepository>(services, key),
                services.GetRequiredService<MissingSchemaHandler>(),
                services.GetRequiredService<IOptions<OperationalMetricsOptions>>().Value,
                registration.Name),
            options =>
            {
                options.Name = DefaultCollector.GetName(nameof(OperationalCollector), key);
                options.Shared = true;
                configureCollector?.Invoke(options);
                options.FamilyNames = OperationalCollector.FamilyNames;
                options.LabelNames = OperationalCollector.LabelNames;
                options.MinimumFamilyNames = OperationalCollector.MinimumFamilyNames;
            });
        Add(registration);
        Services.AddSingleton(new RequiredRepository(
            registration.Name, typeof(IOperationalRepository), key, $"or remove {nameof(AddOperationalMetrics)}"));
        var bound = Services.AddOptions<OperationalMetricsOptions>().ValidateOnStart();
        if (configure is not null)
            bound.Configure(configure);
        Services.TryAddEnumerable(ServiceDescriptor.Singleton<
            IPostConfigureOptions<OperationalMetricsOptions>, OperationalOptionsBinding>(
            provider => new OperationalOptionsBinding(provider.GetService<IConfiguration>())));
        Services.AddSingleton<IPostConfigureOptions<CollectorOptions>>(provider => new OperationalSharing(
            registration.Name, provider.GetRequiredService<IOptions<OperationalMetricsOptions>>()));
        return this;
    }
}
