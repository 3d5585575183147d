using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Collection;
using Orchestrator.Metrics.Exposition;
using Orchestrator.Metrics.Hosting;
using Orchestrator.Metrics.Logging;

namespace Orchestrator.Metrics;

/// <summary>
/// Registers the collectors of an application, runs them concurrently, and returns their families as a snapshot. A
/// singleton service of <c>services.AddOrchestratorMetrics()</c>. Thread-safe; collectors may be registered and
/// unregistered during scrapes.
/// </summary>
public sealed class OrchestratorMetricsRegistry : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CollectorScheduler _scheduler;
    private SharedCollector[] _collectors = [];

    /// <summary>Creates an empty registry without a service container, for tools and tests.</summary>
    /// <param name="options">
    /// The options; null for the defaults. <see cref="OrchestratorMetricsOptions.DefaultCollectors"/> has no effect.
    /// </param>
    /// <param name="timeProvider">
    /// The clock for timeouts and ages; <see cref="TimeProvider.System"/> by default.
    /// </param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public OrchestratorMetricsRegistry(OrchestratorMetricsOptions? options = null, TimeProvider? timeProvider = null)
        : this(
            scopes: null,
            options ?? new OrchestratorMetricsOptions(),
            timeProvider ?? TimeProvider.System,
            new MetricsLog(new SafeLogger(NullLogger.Instance)),
            [],
            CancellationToken.None)
    {
        Refreshes.Start();
    }

    internal OrchestratorMetricsRegistry(
        IServiceScopeFactory? scopes, OrchestratorMetricsOptions options, TimeProvider timeProvider,
        MetricsLog log, IEnumerable<CollectorRegistration> registrations, CancellationToken stopping,
        ICollectorResultStore? resultStore = null)
    {
        OptionsValidator.ThrowIfInvalid(options);
        _scheduler = new CollectorScheduler(scopes, timeProvider, log, options.Clone(), stopping, resultStore);
        Refreshes = new BackgroundRefreshes(_scheduler);
        foreach (var registration in registrations)
            Register(registration);
    }

    // They start when the host starts, or in the first scrape, because the database schema may not exist earlier. In a
    // registry without a container, they start at once.
    internal BackgroundRefreshes Refreshes { get; }

    /// <summary>
    /// Stops all background refreshes, and starts no new ones. A service container calls this method when it is
    /// disposed.
    /// </summary>
    public void Dispose() => Refreshes.Stop();

    /// <summary>
    /// Registers a collector without running it. If <see cref="CollectorOptions.RefreshEvery"/> is set and the
    /// background refreshes have started, its first run starts in the background. The families of the collector follow
    /// those of previously registered collectors.
    /// </summary>
    /// <param name="collector">The collector.</param>
    /// <param name="configure">Sets the options of the collector; null keeps the defaults.</param>
    /// <exception cref="InvalidOperationException">
    /// The collector, another one with the same name, or one that declares the same family is already registered, or
    /// <see cref="CollectorOptions.HashLabels"/> needs <see cref="OrchestratorMetricsOptions.LabelHashKey"/>.
    /// </exception>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public void Register(IMetricsCollector collector, Action<CollectorOptions>? configure = null) =>
        Register(CollectorRegistration.ForInstance(collector, configure));

    /// <summary>
    /// Removes a collector that was registered as an instance. If a scrape is waiting for a run, the run completes
    /// normally.
    /// </summary>
    /// <param name="collector">The collector.</param>
    /// <returns>Whether the collector was registered.</returns>
    public bool Unregister(IMetricsCollector collector)
    {
        ArgumentNullException.ThrowIfNull(collector);
        return Unregister(registration => ReferenceEquals(registration.Instance, collector));
    }

    /// <summary>
    /// Removes a collector, however it was registered. If a scrape is waiting for a run, the run completes normally.
    /// </summary>
    /// <param name="name">The name of the collector: the name of its type, unless its options set another one.</param>
    /// <returns>Whether a collector of that name was registered.</returns>
    public bool Unregister(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Unregister(registration => registration.Name == name);
    }

    /// <summary>
    /// Runs the collectors concurrently, except those with a fresh cached result, and returns their families in the
    /// order of registration. Overlapping calls share the runs.
    /// </summary>
    /// <param name="request">What to collect and how long to wait; null collects everything.</param>
    /// <param name="cancellationToken">
    /// Stops waiting. A run is cancelled once no caller is waiting for it, unless an earlier caller timed out.
    /// </param>
    /// <returns>
    /// The families of the collectors, and the scrape metrics if they are on, restricted to the requested names.
    /// </returns>
    /// <exception cref="MetricsCollectionException">
    /// A collector with <see cref="FailurePolicy.FailScrape"/> failed, or all collectors failed.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<MetricsSnapshot> CollectAsync(
        ScrapeRequest? request = null, CancellationToken cancellationToken = default)
    {
        Refreshes.Start();
        using var span = CollectorScheduler.Activities.StartActivity("scrape");
        var collectors = Select(request);
        var scrape = new Scrape(request?.Names, request?.Timeout);
        try
        {
            var outcomes = await Task.WhenAll(
                collectors.Select(collector => collector.GetAsync(scrape, cancellationToken))).ConfigureAwait(false);
            var families = new SnapshotAssembler(_scheduler.Options, _scheduler.Time)
                .Assemble(collectors, outcomes);
            var snapshot = MetricsSnapshot.CreateDistinct(families);
            return request?.Names is { } names ? snapshot.Restrict(names) : snapshot;
        }
        catch (MetricsCollectionException)
        {
            span?.SetStatus(ActivityStatusCode.Error);
            throw;
        }
        finally
        {
            _ = scrape.ReleaseAsync();
        }
    }

    /// <summary>
    /// Collects, then writes the snapshot once every collector has finished. The stream is left open.
    /// </summary>
    /// <param name="stream">The stream. Nothing is written if the collection fails.</param>
    /// <param name="format">The format.</param>
    /// <param name="cancellationToken">Stops collecting, or stops writing between two blocks of about 60 KiB.</param>
    /// <exception cref="MetricsCollectionException">As for <see cref="CollectAsync"/>.</exception>
    public async Task WriteAsync(
        Stream stream, ExpositionFormat format, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(format);
        var snapshot = await CollectAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        await snapshot.WriteAsync(stream, format, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Collects, then atomically replaces a file with the Prometheus text, for the textfile collector of node_exporter.
    /// Readers see either the old text or the new one.
    /// </summary>
    /// <param name="path">The file, in a folder that exists. node_exporter reads files named <c>*.prom</c>.</param>
    /// <param name="cancellationToken">Stops collecting or writing, and leaves the file unchanged.</param>
    /// <exception cref="MetricsCollectionException">
    /// As for <see cref="CollectAsync"/>. The file is unchanged.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written. It is unchanged.</exception>
    public Task WriteTextFileAsync(string path, CancellationToken cancellationToken = default) =>
        WriteTextFileAsync(path, request: null, cancellationToken);

    internal async Task WriteTextFileAsync(string path, ScrapeRequest? request, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var snapshot = await CollectAsync(request, cancellationToken).ConfigureAwait(false);
        await TextFile.ReplaceAsync(
            path,
            (stream, token) => snapshot.WriteAsync(stream, ExpositionFormat.PrometheusText, token),
            cancellationToken).ConfigureAwait(false);
    }

    // Publishers call this method first, because they repeat a failed collection only after their interval. Returns
    // early on cancellation.
    internal async Task WaitForFirstRunsAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        Refreshes.Start();
        await Refreshes.FirstRuns.WaitAsync(limit, _scheduler.Time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Returns the outcome of each collector's last scrape, in the order of registration. Never runs a collector.
    /// </summary>
    public IReadOnlyList<CollectorStatus> GetCollectorStatuses() =>
        Array.ConvertAll(Volatile.Read(ref _collectors), collector => collector.Cache.GetStatus());

    private SharedCollector[] Select(ScrapeRequest? request)
    {
        var collectors = Volatile.Read(ref _collectors);
        if (request?.Names is { } names)
            collectors = Array.FindAll(collectors, collector => collector.Registration.MayReturn(names));
        if (request?.Predicate is { } predicate)
            collectors = Array.FindAll(collectors, collector => predicate(collector.Registration));
        return collectors;
    }

    private void Register(CollectorRegistration registration)
    {
        lock (_lock)
        {
            registration.Labels.RequireHashKey(_scheduler.Options, registration.Name);
            foreach (var other in _collectors)
                registration.RequireDistinctFrom(other.Registration);
            var collector = new SharedCollector(registration, _scheduler);
            _collectors = [.. _collectors, collector];
            Refreshes.Add(collector);
        }
    }

    private bool Unregister(Func<CollectorRegistration, bool> matches)
    {
        SharedCollector[] removed;
        lock (_lock)
        {
            removed = Array.FindAll(_collectors, collector => matches(collector.Registration));
            _collectors = [.. _collectors.Except(removed)];
        }

        Array.ForEach(removed, Refreshes.Remove);
        return removed.Length > 0;
    }
}
