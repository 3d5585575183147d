using Orchestrator.Metrics.Collection;

namespace Orchestrator.Metrics;

/// <summary>
/// Describes the collector run that a service scope belongs to, and shares objects between the runs of a scrape.
/// Collectors and repositories can take this scoped service in their constructors. Thread-safe.
/// </summary>
/// <remarks>
/// A scope outside a run has no time limit, no sample limit, no requested names and no dropped labels.
/// </remarks>
public sealed class CollectorContext : IDisposable, IAsyncDisposable
{
    private readonly TimeSpan? _timeRemaining;
    private readonly IReadOnlyCollection<string>? _requestedNames;
    private CollectorRun? _run;
    private Scrape? _scrape;

    /// <summary>Creates a context, for tests of collectors and repositories.</summary>
    /// <param name="timeRemaining">The time until the run times out; null for no limit.</param>
    /// <param name="maxSamples">The maximum number of samples that the collector may return.</param>
    /// <param name="requestedNames">The names of the requested families or samples; null for all.</param>
    /// <param name="droppedLabels">The labels that the registry drops; null for none.</param>
    public CollectorContext(
        TimeSpan? timeRemaining = null, int maxSamples = int.MaxValue,
        IReadOnlyCollection<string>? requestedNames = null, IReadOnlyCollection<string>? droppedLabels = null)
    {
        _timeRemaining = timeRemaining;
        MaxSamples = maxSamples;
        _requestedNames = requestedNames;
        DroppedLabels = droppedLabels ?? [];
    }

    /// <summary>The time until the collector times out; never negative. Null if there is no limit.</summary>
    public TimeSpan? TimeRemaining => _run?.Remaining ?? _timeRemaining;

    /// <summary>
    /// Whether a background refresh (<see cref="CollectorOptions.RefreshEvery"/>) started the run. A refresh starts one
    /// run only, so no other run shares its objects (<see cref="GetOrAddShared"/>). False outside a run.
    /// </summary>
    public bool IsRefresh => _scrape is { IsRefresh: true };

    /// <summary>
    /// The maximum number of samples that the collector may return
    /// (<see cref="OrchestratorMetricsOptions.MaxSamplesPerCollector"/>). <see cref="int.MaxValue"/> if there is no
    /// limit.
    /// </summary>
    public int MaxSamples { get; private set; }

    /// <summary>
    /// The labels that the registry drops from the families of the collector
    /// (<see cref="CollectorOptions.DropLabels"/>). To save work, a repository may group by the other labels only and
    /// return an empty string for the dropped ones; the registry drops them in any case.
    /// </summary>
    public IReadOnlyCollection<string> DroppedLabels { get; private set; }

    /// <summary>
    /// Returns the names that the scrape requests (<c>?name[]=</c>), so the collector can return only these. A call
    /// that returns names restricts the run: from then on, only scrapes that request the same names join it. A
    /// collector that never calls this method returns all its families, which may be unnecessary work.
    /// </summary>
    /// <returns>
    /// The names of families or samples, without <see cref="CollectorOptions.NamePrefix"/>. Null if the collector must
    /// return all families: a scrape that waits for the run requests everything or other names, or later scrapes may
    /// use the result.
    /// </returns>
    public IReadOnlyCollection<string>? GetRequestedNames() => _run is { } run ? run.Restrict() : _requestedNames;

    /// <summary>
    /// Returns an object that all runs started by one scrape share, for example a database snapshot. The object is
    /// disposed once the scrape has ended and each of these runs has ended or been cancelled. Exceptions of the
    /// disposal are ignored.
    /// </summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="key">The key of the object, compared by <see cref="object.Equals(object)"/>.</param>
    /// <param name="create">Creates the object. Called at most once per key and scrape. Must not block.</param>
    /// <exception cref="OperationCanceledException">
    /// The scrape and its runs have ended or been cancelled, so the object would never be disposed.
    /// </exception>
    public T GetOrAddShared<T>(object key, Func<T> create)
        where T : class, IAsyncDisposable
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(create);
        if (_scrape is null)
            Interlocked.CompareExchange(ref _scrape, new Scrape(), null);
        return _scrape.GetOrAdd(key, create);
    }

    /// <summary>Same as <see cref="DisposeAsync"/>, without waiting.</summary>
    public void Dispose() => _ = DisposeOwnAsync();

    /// <summary>
    /// Disposes the objects that <see cref="GetOrAddShared"/> created outside a scrape. Objects that the runs of a
    /// scrape share are not affected.
    /// </summary>
    public ValueTask DisposeAsync() => new(DisposeOwnAsync());

    internal void Attach(
        CollectorRun run, Scrape scrape, int maxSamples, IReadOnlyCollection<string> droppedLabels) =>
        (_run, _scrape, MaxSamples, DroppedLabels) = (run, scrape, maxSamples, droppedLabels);

    private Task DisposeOwnAsync() => _run is null && _scrape is { } own ? own.ReleaseAsync() : Task.CompletedTask;
}
