using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Metrics.DependencyInjection;
using Orchestrator.Metrics.Logging;
using Orchestrator.Metrics.Meters;

namespace Orchestrator.Metrics;

/// <summary>Adds collectors to the registry of a host. Comes from <c>services.AddOrchestratorMetrics()</c>.</summary>
public sealed class OrchestratorMetricsBuilder
{
    internal OrchestratorMetricsBuilder(IServiceCollection services) => Services = services;

    /// <summary>The host's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>
    /// Adds a collector by its type, as a scoped service unless the type is registered already. Each run takes it from
    /// a service scope of its own, which also disposes it.
    /// </summary>
    /// <typeparam name="TCollector">The type of the collector.</typeparam>
    /// <param name="configure">Sets its options, if the defaults do not fit.</param>
    /// <exception cref="InvalidOperationException">
    /// It, one of the same name, or a declared family is there already.
    /// </exception>
    public OrchestratorMetricsBuilder AddCollector<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TCollector>(
        Action<CollectorOptions>? configure = null)
        where TCollector : class, IMetricsCollector
    {
        Services.TryAddScoped<TCollector>();
        return Add(new CollectorRegistration(
            typeof(TCollector), services => services.GetRequiredService<TCollector>(), configure));
    }

    /// <summary>
    /// Adds a collector that a factory makes, anew for each run, from the services of the run's scope.
    /// </summary>
    /// <typeparam name="TCollector">The type of the collector, which names it unless the options do.</typeparam>
    /// <param name="factory">Makes the collector. What is to be disposed belongs into the services.</param>
    /// <param name="configure">Sets its options, if the defaults do not fit.</param>
    /// <exception cref="InvalidOperationException">
    /// One of the same name, or a declared family, is there already.
    /// </exception>
    public OrchestratorMetricsBuilder AddCollector<TCollector>(
        Func<IServiceProvider, TCollector> factory, Action<CollectorOptions>? configure = null)
        where TCollector : class, IMetricsCollector
    {
        ArgumentNullException.ThrowIfNull(factory);
        var type = typeof(TCollector) == typeof(IMetricsCollector) ? null : typeof(TCollector);
        return Add(new CollectorRegistration(type, factory, configure));
    }

    /// <summary>Adds a collector that exists already. It serves all runs, one after the other.</summary>
    /// <param name="collector">The collector.</param>
    /// <param name="configure">Sets its options, if the defaults do not fit.</param>
    /// <exception cref="InvalidOperationException">
    /// It, one of the same name, or a declared family is there already.
    /// </exception>
    public OrchestratorMetricsBuilder AddCollector(
        IMetricsCollector collector, Action<CollectorOptions>? configure = null) =>
        Add(CollectorRegistration.ForInstance(collector, configure));

    /// <summary>Sets options of default collectors, such as <see cref="CollectorOptions.CacheFor"/>.</summary>
    /// <param name="collectors">Which of them.</param>
    /// <param name="configure">Sets the options. The names of their families are given.</param>
    public OrchestratorMetricsBuilder ConfigureDefaultCollectors(
        DefaultCollectors collectors, Action<CollectorOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        Services.AddSingleton(new DefaultCollectorConfiguration(collectors, configure));
        return this;
    }

    /// <summary>
    /// Publishes the families also as observable instruments of a <see cref="System.Diagnostics.Metrics.Meter"/> named
    /// <c>Orchestrator.Metrics</c>, for OpenTelemetry and whoever else listens to meters. Needs a host that runs
    /// hosted services, and no endpoint.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A hosted service runs the collectors when the host starts and then every
    /// <see cref="OrchestratorMetricsOptions.MeterInterval"/>, which is also how long they may take together. The
    /// instruments report what came last, and nothing if the last collection failed, by the same
    /// <see cref="FailurePolicy"/> as a scrape, or is older than two intervals. Reading them runs no collector.
    /// </para>
    /// <para>
    /// Each name of a sample in the Prometheus text is an instrument, with the labels as tags: an observable counter
    /// for a counter's <c>_total</c> and what <c>_bucket</c>, <c>_count</c> and <c>_sum</c> count in histograms and
    /// summaries, an observable gauge for everything else.
    /// </para>
    /// <para>
    /// Families whose names start with <c>orchestrator_metrics_</c> are left out: so prometheus-net names what its
    /// adapter has from this meter, and what came from the meter does not go back to it.
    /// </para>
    /// </remarks>
    public OrchestratorMetricsBuilder PublishToMeter()
    {
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
