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
    private readonly ScrapeScope _ownScope = new();
    private ScrapeScope? _scrape;
    private Func<TimeSpan>? _timeRemaining;

    /// <summary>Creates a context, for tests of collectors and repositories.</summary>
    /// <param name="timeRemaining">How much time the run has left; null for no limit.</param>
    /// <param name="maxSamples">How many samples the collector may return.</param>
    /// <param name="requestedNames">The names of families or samples that the scrape asks for; null for all.</param>
    public CollectorContext(
        TimeSpan? timeRemaining = null, int maxSamples = int.MaxValue,
        IReadOnlyCollection<string>? requestedNames = null)
    {
        _timeRemaining = timeRemaining is { } remaining ? () => remaining : null;
        MaxSamples = maxSamples;
        RequestedNames = requestedNames;
    }

    /// <summary>
    /// How much time is left until the collector times out; never negative. Null if there is no limit.
    /// </summary>
    public TimeSpan? TimeRemaining => _timeRemaining?.Invoke();

    /// <summary>
    /// How many samples the collector may return (<see cref="OrchestratorMetricsOptions.MaxSamplesPerCollector"/>).
    /// <see cref="int.MaxValue"/> if there is no limit.
    /// </summary>
    public int MaxSamples { get; private set; }

    /// <summary>
    /// The names of families or samples that the scrape asks for (<c>?name[]=</c>). Null if the collector must return
    /// all families, because the scrape asks for everything or because others may reuse the result.
    /// </summary>
    public IReadOnlyCollection<string>? RequestedNames { get; private set; }

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
        return (_scrape ?? _ownScope).GetOrAdd(key, create);
    }

    /// <summary>Disposes what <see cref="GetOrAddShared"/> created outside a scrape, without waiting for it.</summary>
    public void Dispose() => _ownScope.Leave();

    /// <summary>Disposes what <see cref="GetOrAddShared"/> created outside a scrape.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    internal void Attach(ScrapeScope scrape, Func<TimeSpan> timeRemaining, int maxSamples)
    {
        _scrape = scrape;
        _timeRemaining = timeRemaining;
        MaxSamples = maxSamples;
    }
}
