using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Metrics.DependencyInjection;
using Orchestrator.Metrics.Logging;
using Orchestrator.Metrics.Meters;

namespace Orchestrator.Metrics;

/// <summary>Adds collectors to the registry of a host. Returned by <c>services.AddOrchestratorMetrics()</c>.</summary>
/// <remarks>
/// Methods that add a collector throw <see cref="InvalidOperationException"/> if the collector, another one of its name
/// or one that declares the same family has already been added, and <see cref="ArgumentException"/> if an option is
/// invalid.
/// </remarks>
public sealed class OrchestratorMetricsBuilder
{
    private static readonly TimeSpan DefaultMeterInterval = TimeSpan.FromMinutes(1);

    internal OrchestratorMetricsBuilder(IServiceCollection services) => Services = services;

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds a collector by its type. The type is registered as a scoped service unless it is already registered. Each
    /// run resolves the collector from a dedicated service scope. The host does not start if a service that the
    /// constructor needs is not registered.
    /// </summary>
    /// <typeparam name="TCollector">The type of the collector.</typeparam>
    /// <param name="configure">Sets the options of the collector.</param>
    public OrchestratorMetricsBuilder AddCollector<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TCollector>(
        Action<CollectorOptions>? configure = null)
        where TCollector : class, IMetricsCollector
    {
        var registration = new CollectorRegistration(
            typeof(TCollector), services => services.GetRequiredService<TCollector>(), configure);
        Add(registration);
        Services.TryAddScoped<TCollector>();
        Services.AddSingleton(new TypedCollector(registration.Name, typeof(TCollector), Services));
        return this;
    }

    /// <summary>
    /// Adds a collector by a factory, which each run calls with the services of a dedicated scope.
    /// </summary>
    /// <typeparam name="TCollector">
    /// The type of the collector. Its name is the name of the collector unless the options set one.
    /// </typeparam>
    /// <param name="factory">
    /// Creates the collector. The registry does not dispose it: register disposable dependencies in the container.
    /// </param>
    /// <param name="configure">Sets the options of the collector.</param>
    public OrchestratorMetricsBuilder AddCollector<TCollector>(
        Func<IServiceProvider, TCollector> factory, Action<CollectorOptions>? configure = null)
        where TCollector : class, IMetricsCollector
    {
        ArgumentNullException.ThrowIfNull(factory);
        var type = typeof(TCollector) == typeof(IMetricsCollector) ? null : typeof(TCollector);
        return Add(new CollectorRegistration(type, factory, configure));
    }

    /// <summary>Adds a collector as an instance, which serves all runs. Its runs never overlap.</summary>
    /// <param name="collector">The collector.</param>
    /// <param name="configure">Sets the options of the collector.</param>
    public OrchestratorMetricsBuilder AddCollector(
        IMetricsCollector collector, Action<CollectorOptions>? configure = null) =>
        Add(CollectorRegistration.ForInstance(collector, configure));

    /// <summary>Adds a collector that is a delegate.</summary>
    /// <param name="name">The name of the collector in logs, errors and scrape metrics.</param>
    /// <param name="collect">
    /// Returns the metric families, as <see cref="IMetricsCollector.CollectAsync"/> does. Called with the services of a
    /// scope that is dedicated to the run.
    /// </param>
    /// <param name="configure">Sets the options of the collector.</param>
    public OrchestratorMetricsBuilder AddCollector(
        string name, Func<IServiceProvider, CancellationToken, Task<IReadOnlyList<MetricFamily>>> collect,
        Action<CollectorOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(collect);
        return Add(new CollectorRegistration(
            type: null,
            services => new DelegateCollector(services, collect),
            options =>
            {
                options.Name = name;
                configure?.Invoke(options);
            }));
    }

    /// <summary>Adds a gauge without labels. A delegate returns its value.</summary>
    /// <param name="name">The name of the metric family, which is also the name of the collector.</param>
    /// <param name="help">The help text.</param>
    /// <param name="read">
    /// Returns the value. May block. Called with the services of a scope that is dedicated to the run.
    /// </param>
    /// <param name="configure">Sets the options of the collector. The family name is declared already.</param>
    public OrchestratorMetricsBuilder AddGauge(
        string name, string help, Func<IServiceProvider, double> read, Action<CollectorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(read);
        return AddGauge(name, help, (services, _) => Task.FromResult(read(services)), configure);
    }

    /// <summary>Adds a gauge without labels. An asynchronous delegate returns its value.</summary>
    /// <param name="name">The name of the metric family, which is also the name of the collector.</param>
    /// <param name="help">The help text.</param>
    /// <param name="read">
    /// Returns the value. Called with the services of a scope that is dedicated to the run, and with a token that is
    /// signalled on timeout, or when no caller is waiting any more.
    /// </param>
    /// <param name="configure">Sets the options of the collector. The family name is declared already.</param>
    public OrchestratorMetricsBuilder AddGauge(
        string name, string help, Func<IServiceProvider, CancellationToken, Task<double>> read,
        Action<CollectorOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(read);

        // Validates the name now instead of at the first scrape.
        _ = MetricFamily.Gauge(name, help);
        return AddCollector(
            name,
            async (services, cancellationToken) =>
            {
                var gauge = MetricFamily.Gauge(name, help);
                gauge.Add(await read(services, cancellationToken).ConfigureAwait(false));
                return [gauge];
            },
            options =>
            {
                options.FamilyNames = [name];
                configure?.Invoke(options);
            });
    }

    /// <summary>Sets options of default collectors, such as <see cref="CollectorOptions.CacheFor"/>.</summary>
    /// <param name="collectors">The default collectors to configure.</param>
    /// <param name="configure">
    /// Sets the options, once for each collector. <see cref="CollectorOptions.FamilyNames"/> cannot be changed.
    /// </param>
    public OrchestratorMetricsBuilder ConfigureDefaultCollectors(
        DefaultCollectors collectors, Action<CollectorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.AddSingleton(new DefaultCollectorConfiguration(collectors, configure));
        return this;
    }

    /// <summary>
    /// Publishes the metric families as observable instruments of a <see cref="System.Diagnostics.Metrics.Meter"/>
    /// named <c>Orchestrator.Metrics</c>, for OpenTelemetry and other listeners. Requires a host that runs hosted
    /// services; requires no endpoint.
    /// </summary>
    /// <param name="interval">
    /// The interval between collections, which is also the timeout of each: a second to a day. Null, the default, is
    /// one minute, the default export interval of OpenTelemetry. If the method is called several times, the last
    /// interval applies.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="interval"/> is shorter than a second or longer than a day.
    /// </exception>
    /// <remarks>
    /// <para>
    /// A hosted service collects when the host starts and then at each interval. The instruments report the last
    /// collection; they report nothing if it failed, by the same <see cref="FailurePolicy"/> as a scrape, or is older
    /// than two intervals. Reading an instrument runs no collector.
    /// </para>
    /// <para>
    /// Each sample name of the Prometheus text is an instrument, with the labels as tags: an observable counter for the
    /// <c>_total</c> of a counter and for the <c>_bucket</c>, <c>_count</c> and <c>_sum</c> of histograms and
    /// summaries, an observable gauge for everything else.
    /// </para>
    /// <para>
    /// Collectors with <see cref="CollectorOptions.PublishToMeter"/> set to false are left out: by default those that
    /// export .NET meters or prometheus-net, which OpenTelemetry can read at the source.
    /// </para>
    /// <para>
    /// Families whose names start with <c>orchestrator_metrics_</c> are not published. The adapter of prometheus-net
    /// gives these names to the instruments of this meter, which would otherwise be published again.
    /// </para>
    /// </remarks>
    public OrchestratorMetricsBuilder PublishToMeter(TimeSpan? interval = null)
    {
        var actual = interval ?? DefaultMeterInterval;
        ArgumentOutOfRangeException.ThrowIfLessThan(actual, TimeSpan.FromSeconds(1), nameof(interval));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(actual, TimeSpan.FromDays(1), nameof(interval));
        Services.AddSingleton(new MeterPublisherOptions(actual));
        Services.AddHostedService(provider => MeterPublisher.Create(
            provider, new MetricsLog(OrchestratorMetricsServiceCollectionExtensions.Logger(provider))));
        return this;
    }

    private OrchestratorMetricsBuilder Add(CollectorRegistration registration)
    {
        foreach (var service in Services)
        {
            if (!service.IsKeyedService && service.ImplementationInstance is CollectorRegistration other)
                registration.RequireDistinctFrom(other);
        }

        Services.AddSingleton(registration);
        return this;
    }
}
