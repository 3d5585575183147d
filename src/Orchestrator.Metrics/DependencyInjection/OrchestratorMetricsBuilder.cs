using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Orchestrator.Metrics.DependencyInjection;
using Orchestrator.Metrics.Hosting;
using Orchestrator.Metrics.Logging;
using Orchestrator.Metrics.Meters;

namespace Orchestrator.Metrics;

/// <summary>
/// Adds collectors to the registry of a host, and publishes its metrics to meters and text files. Returned by
/// <c>services.AddOrchestratorMetrics()</c>.
/// </summary>
/// <remarks>
/// Methods that add a collector throw <see cref="InvalidOperationException"/> if the collector or another one with the
/// same name has already been added, and <see cref="ArgumentException"/> if an option is invalid. Two collectors that
/// declare the same family are an error only when the host starts, because the configuration may add a prefix or a
/// label.
/// </remarks>
public sealed partial class OrchestratorMetricsBuilder
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
    /// Adds a collector with a factory, which each run calls with the services of a dedicated scope.
    /// </summary>
    /// <typeparam name="TCollector">
    /// The type of the collector. Its name is the name of the collector unless the options set one. For
    /// <see cref="IMetricsCollector"/>, the options must set a name.
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

    /// <summary>Adds a delegate as a collector.</summary>
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
    /// <param name="configure">Sets the options of the collector. The family name is already declared.</param>
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
    /// <param name="configure">Sets the options of the collector. The family name is already declared.</param>
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
    /// A hosted service collects when the host starts and then at each interval. The first collection waits for the
    /// first background refreshes, at most for one interval. The instruments report the last collection. They report
    /// nothing if it failed or is older than two intervals. The <see cref="FailurePolicy"/> applies as in a scrape.
    /// Reading an instrument runs no collector.
    /// </para>
    /// <para>
    /// Each sample name of the Prometheus text is an instrument, with the labels as tags. The <c>_total</c> of a
    /// counter and the <c>_bucket</c>, <c>_count</c> and <c>_sum</c> of histograms and summaries are observable
    /// counters; all other sample names are observable gauges.
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
        RequireInterval(actual);
        Services.AddSingleton(new MeterPublisherOptions(actual));
        Services.AddHostedService(provider => MeterPublisher.Create(
            provider, new MetricsLog(OrchestratorMetricsServiceCollectionExtensions.GetLogger(provider))));
        return this;
    }

    /// <summary>
    /// Writes a file with the Prometheus text at an interval, for the textfile collector of node_exporter. The file is
    /// replaced atomically: readers see either the old text or the new one. Requires a host that runs hosted services;
    /// requires no endpoint. May be called for several files.
    /// </summary>
    /// <param name="path">
    /// The file, in a folder that exists when the host starts; otherwise the host does not start. node_exporter reads
    /// files named <c>*.prom</c>.
    /// </param>
    /// <param name="interval">
    /// The interval between collections, which is also the timeout of each: a second to a day.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="interval"/> is shorter than a second or longer than a day.
    /// </exception>
    /// <exception cref="InvalidOperationException">The file has already been added.</exception>
    /// <remarks>
    /// A hosted service writes the file when the host starts, then at each interval, and once more when the host stops.
    /// The first write waits for the first background refreshes, at most for one interval. If a collection fails or the
    /// file cannot be written, the last file stays in place, and the log contains the cause. The
    /// <see cref="FailurePolicy"/> applies as in a scrape. node_exporter exports the modification time of the file as
    /// <c>node_textfile_mtime_seconds</c>.
    /// </remarks>
    public OrchestratorMetricsBuilder WriteTextFile(string path, TimeSpan interval)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        RequireInterval(interval);
        var target = new TextFileTarget(Path.GetFullPath(path), interval);
        if (Services.Any(service => !service.IsKeyedService
            && (service.ImplementationInstance as TextFileTarget)?.Path == target.Path))
            throw new InvalidOperationException(
                $"The text file '{target.Path}' has already been added. Call WriteTextFile once for each file.");
        Services.AddSingleton(target);
        Services.AddSingleton<IHostedService>(provider => TextFilePublisher.Create(
            provider, target, new MetricsLog(OrchestratorMetricsServiceCollectionExtensions.GetLogger(provider))));
        return this;
    }

    /// <summary>
    /// Adds an info with the version, the revision and the .NET runtime of the application, such as
    /// <c>acme_build_info{revision="9f3c1e0",runtime=".NET 10.0.0",version="2.1.0"} 1.0</c>.
    /// </summary>
    /// <param name="application">
    /// The prefix of the metric name: <c>acme</c> for <c>acme_build_info</c>. Null, the default, takes the name of the
    /// entry assembly in lower case, with underscores in place of characters other than ASCII letters and digits:
    /// <c>acme_orders_build_info</c> for the assembly <c>Acme.Orders</c>.
    /// </param>
    /// <exception cref="ArgumentException">
    /// <paramref name="application"/> is not a metric name prefix, or it is null and the entry assembly provides none.
    /// </exception>
    /// <remarks>
    /// Version and revision are the parts of the entry assembly's <c>AssemblyInformationalVersion</c> before and after
    /// <c>+</c>. The SDK appends the commit there if the project is built in a Git repository; otherwise the revision
    /// is empty. Without that attribute, the version is that of the assembly.
    /// </remarks>
    public OrchestratorMetricsBuilder AddBuildInfo(string? application = null)
    {
        var build = Assembly.GetEntryAssembly() is { } entry ? BuildInfo.Read(entry) : new BuildInfo("", "", "");
        application ??= build.Application;
        if (application.Length == 0)
            throw new ArgumentException(
                "The build info needs a metric name prefix, and the entry assembly provides none. Pass one: " +
                "AddBuildInfo(\"acme\") adds acme_build_info.", nameof(application));

        // Validates the name now instead of at the first scrape.
        _ = build.ToFamily(application);
        return AddCollector(
            $"{application}_build_info",
            (_, _) => Task.FromResult<IReadOnlyList<MetricFamily>>([build.ToFamily(application)]),
            options =>
            {
                options.FamilyNames = [BuildInfo.GetFamilyName(application)];
                options.LabelNames = ["version", "revision", "runtime"];
            });
    }

    private static void RequireInterval(TimeSpan interval)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(interval, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(interval, OptionsValidator.MaxTimeout);
    }

    private OrchestratorMetricsBuilder Add(CollectorRegistration registration)
    {
        foreach (var service in Services)
        {
            if (!service.IsKeyedService && service.ImplementationInstance is CollectorRegistration other)
                registration.RequireDistinctNameFrom(other);
        }

        Services.AddSingleton(registration);
        return this;
    }
}
