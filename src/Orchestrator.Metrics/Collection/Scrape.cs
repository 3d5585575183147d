namespace Orchestrator.Metrics.Collection;

/// <summary>
/// One call of <see cref="OrchestratorMetricsRegistry.CollectAsync"/>: what it asks for, and what the runs that it
/// starts share. Thread-safe.
/// </summary>
internal sealed class Scrape(IReadOnlyCollection<string>? names = null, TimeSpan? timeout = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, IAsyncDisposable> _shared = [];
    private readonly List<Task> _runs = [];
    private bool _isOver;

    /// <summary>The names of the requested families or samples; null for all.</summary>
    public IReadOnlyCollection<string>? Names { get; } = names;

    /// <summary>How long the caller waits.</summary>
    public TimeSpan Timeout { get; } =
        timeout is { } limit && limit != System.Threading.Timeout.InfiniteTimeSpan ? limit : TimeSpan.MaxValue;

    /// <summary>Keeps the shared objects alive until a run that this scrape started has ended or was cancelled.</summary>
    public void Add(Task run)
    {
        lock (_lock)
            _runs.Add(run);
    }

    /// <summary>Returns the shared object of a key, and creates it if there is none.</summary>
    public T GetOrAdd<T>(object key, Func<T> create)
        where T : class, IAsyncDisposable
    {
        lock (_lock)
        {
            // A cancelled run that ignores its token may get here, and nothing would dispose the object.
            if (_isOver)
                throw new OperationCanceledException("The scrape is over, so its runs share nothing any more.");
            if (!_shared.TryGetValue(key, out var shared))
                _shared.Add(key, shared = create());
            return (T)shared;
        }
    }

    /// <summary>Disposes the shared objects as soon as no run of this scrape can use them.</summary>
    public async Task EndAsync()
    {
        Task[] runs;
        lock (_lock)
            runs = [.. _runs];
        await Task.WhenAll(runs).ConfigureAwait(false);
        lock (_lock)
            _isOver = true;

        // The scrape has been answered, and the owner of an object knows best what to log if its disposal fails.
        foreach (var shared in _shared.Values)
            await DisposeAsync(shared).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task DisposeAsync(IAsyncDisposable shared) =>
        await shared.DisposeAsync().ConfigureAwait(false);
}
