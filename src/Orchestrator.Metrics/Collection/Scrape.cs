namespace Orchestrator.Metrics.Collection;

/// <summary>
/// One call of <see cref="OrchestratorMetricsRegistry.CollectAsync"/>: its request, and the objects that its runs
/// share. Thread-safe.
/// </summary>
internal sealed class Scrape(IReadOnlyCollection<string>? names = null, TimeSpan? timeout = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, IAsyncDisposable> _shared = [];
    private readonly List<Task> _runs = [];
    private bool _isOver;

    /// <summary>The names of the requested families or samples; null for all.</summary>
    public IReadOnlyCollection<string>? Names { get; } = names;

    /// <summary>The time that the caller waits.</summary>
    public TimeSpan Timeout { get; } =
        timeout is { } limit && limit != System.Threading.Timeout.InfiniteTimeSpan ? limit : TimeSpan.MaxValue;

    /// <summary>Keeps the shared objects until a run that this scrape started has ended or was cancelled.</summary>
    public void Add(Task run)
    {
        lock (_lock)
            _runs.Add(run);
    }

    /// <summary>Returns the shared object of a key, and creates it on the first call.</summary>
    public T GetOrAdd<T>(object key, Func<T> create)
        where T : class, IAsyncDisposable
    {
        lock (_lock)
        {
            // A cancelled run that ignores its token may get here. The object would never be disposed.
            if (_isOver)
                throw new OperationCanceledException("The scrape has ended, so its runs can no longer share objects.");
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

        // Exceptions are ignored: the scrape has been answered, and the objects log failures.
        foreach (var shared in _shared.Values)
            await DisposeAsync(shared).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task DisposeAsync(IAsyncDisposable shared) =>
        await shared.DisposeAsync().ConfigureAwait(false);
}
