namespace Orchestrator.Metrics.Collection;

/// <summary>
/// One call of <see cref="OrchestratorMetricsRegistry.CollectAsync"/>, or one background refresh: the requested names,
/// the timeout, and the objects that the runs share. Thread-safe.
/// </summary>
internal sealed class Scrape(IReadOnlyCollection<string>? names = null, TimeSpan? timeout = null)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, IAsyncDisposable> _shared = [];

    // Counts the caller, and each run of the scrape that has neither ended nor been cancelled.
    private int _users = 1;

    // Null for all.
    public IReadOnlySet<string>? Names { get; } = names?.ToHashSet();

    public TimeSpan Timeout { get; } =
        timeout is { } limit && limit != System.Threading.Timeout.InfiniteTimeSpan ? limit : TimeSpan.MaxValue;

    public bool IsRefresh { get; init; }

    // Each call requires one call of ReleaseAsync.
    public void Keep()
    {
        lock (_lock)
            _users++;
    }

    public T GetOrAdd<T>(object key, Func<T> create)
        where T : class, IAsyncDisposable
    {
        lock (_lock)
        {
            // A cancelled run that ignores its token may get here. The object would never be disposed.
            if (_users <= 0)
                throw new OperationCanceledException("The scrape has ended, so its runs can no longer share objects.");
            if (!_shared.TryGetValue(key, out var shared))
                _shared.Add(key, shared = create());
            return (T)shared;
        }
    }

    // After the last user, disposes the shared objects on another thread.
    public Task ReleaseAsync()
    {
        lock (_lock)
            return --_users == 0 && _shared.Count > 0 ? Task.Run(DisposeSharedAsync) : Task.CompletedTask;
    }

    private async Task DisposeSharedAsync()
    {
        // Exceptions are ignored: the scrape has completed, so no caller could receive them.
        foreach (var shared in _shared.Values)
            await DisposeAsync(shared).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task DisposeAsync(IAsyncDisposable shared) =>
        await shared.DisposeAsync().ConfigureAwait(false);
}
