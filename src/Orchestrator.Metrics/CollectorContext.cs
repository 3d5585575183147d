using Orchestrator.Metrics.Collection;

namespace Orchestrator.Metrics;

/// <summary>
/// Describes the collector run that a service belongs to. A scoped service: collectors and repositories take it in
/// their constructor. Thread-safe.
/// </summary>
/// <remarks>
/// In a service scope that does not belong to a run, there is no time limit, no sample limit and no requested name.
/// </remarks>
public sealed class CollectorContext : IDisposable, IAsyncDisposable
{
    private readonly TimeSpan? _timeRemaining;
    private readonly IReadOnlyCollection<string>? _requestedNames;
    private CollectorRun? _run;
    private Scrape? _scrape;

    /// <summary>Creates a context, for tests of collectors and repositories.</summary>
    /// <param name="timeRemaining">How much time the run has left; null for no limit.</param>
    /// <param name="maxSamples">How many samples the collector may return.</param>
    /// <param name="requestedNames">The names of families or samples that the scrape asks for; null for all.</param>
    public CollectorContext(
        TimeSpan? timeRemaining = null, int maxSamples = int.MaxValue,
        IReadOnlyCollection<string>? requestedNames = null)
    {
        _timeRemaining = timeRemaining;
        MaxSamples = maxSamples;
        _requestedNames = requestedNames;
    }

    /// <summary>
    /// How much time is left until the collector times out; never negative. Null if there is no limit.
    /// </summary>
    public TimeSpan? TimeRemaining => _run?.Remaining ?? _timeRemaining;

    /// <summary>
    /// How many samples the collector may return (<see cref="OrchestratorMetricsOptions.MaxSamplesPerCollector"/>).
    /// <see cref="int.MaxValue"/> if there is no limit.
    /// </summary>
    public int MaxSamples { get; private set; }

    /// <summary>
    /// The names of families or samples that the scrape asks for (<c>?name[]=</c>). Null if the collector must return
    /// all families: the scrape asks for everything, other scrapes have joined the run, or the result is kept for later
    /// scrapes. Reading the property restricts the run: from then on, only scrapes that ask for the same names join it.
    /// A collector that ignores the names is always correct; it only does more than needed.
    /// </summary>
    public IReadOnlyCollection<string>? RequestedNames => _run is { } run ? run.Restrict() : _requestedNames;

    /// <summary>
    /// Returns an object that all runs started by one scrape share, for example a database snapshot. It is disposed
    /// when the scrape and these runs are over.
    /// </summary>
    /// <typeparam name="T">The type of the object.</typeparam>
    /// <param name="key">The key of the object; compared by <see cref="object.Equals(object)"/>.</param>
    /// <param name="create">Creates the object. Called at most once per key and scrape. Must not block.</param>
    /// <exception cref="OperationCanceledException">The scrape is over, so the object would never be disposed.</exception>
    public T GetOrAddShared<T>(object key, Func<T> create)
        where T : class, IAsyncDisposable
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(create);
        if (_scrape is null)
            Interlocked.CompareExchange(ref _scrape, new Scrape(), null);
        return _scrape.GetOrAdd(key, create);
    }

    /// <summary>
    /// Disposes, without waiting, what <see cref="GetOrAddShared"/> created outside a scrape. What the runs of a scrape
    /// share is not affected.
    /// </summary>
    public void Dispose() => _ = DisposeOwnAsync();

    /// <summary>
    /// Disposes what <see cref="GetOrAddShared"/> created outside a scrape. What the runs of a scrape share is not
    /// affected.
    /// </summary>
    public ValueTask DisposeAsync() => new(DisposeOwnAsync());

    internal void Attach(CollectorRun run, Scrape scrape, int maxSamples) =>
        (_run, _scrape, MaxSamples) = (run, scrape, maxSamples);

    private Task DisposeOwnAsync() => _run is null && _scrape is { } own ? own.EndAsync() : Task.CompletedTask;
}
