namespace Orchestrator.Metrics;

/// <summary>
/// One call for a snapshot, and what the runs that it starts share; disposed when it has its answer. Thread-safe.
/// </summary>
internal sealed class Scrape : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private IAsyncDisposable? _shared;
    private bool _ended;

    /// <summary>The shared thing, made by the first that asks; null once the scrape has ended.</summary>
    public T? Share<T>(Func<T> create)
        where T : class, IAsyncDisposable
    {
        lock (_lock)
            return _ended ? null : (T)(_shared ??= create());
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
            _ended = true;
        return _shared?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
