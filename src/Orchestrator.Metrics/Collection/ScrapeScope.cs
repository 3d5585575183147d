namespace Orchestrator.Metrics.Collection;

/// <summary>
/// One call for a snapshot, and what the runs that it starts share. That lives until the last of them has ended or was
/// cancelled, which may be after the call, if another one waits for a run. Thread-safe.
/// </summary>
internal sealed class ScrapeScope
{
    private readonly Lock _lock = new();
    private readonly Dictionary<object, IAsyncDisposable> _shared = [];
    private int _users = 1;
    private bool _isOver;

    /// <summary>A run begins to use it. Only for somebody who uses it already.</summary>
    public void Enter() => Interlocked.Increment(ref _users);

    /// <summary>
    /// The call or a run does not use it any more. What was shared ends with the last; nobody waits for that.
    /// </summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _users) > 0)
            return;
        lock (_lock)
            _isOver = true;
        foreach (var shared in _shared.Values)
            _ = DisposeQuietlyAsync(shared);
    }

    /// <summary>What the runs share for an owner, made by the first that asks.</summary>
    /// <exception cref="OperationCanceledException">
    /// The scrape is over, and what would be made now would never end. A cancelled run that goes on may come here.
    /// </exception>
    public T GetOrAdd<T>(object owner, Func<T> create)
        where T : class, IAsyncDisposable
    {
        lock (_lock)
        {
            if (_isOver)
                throw new OperationCanceledException("Nobody waits for this run any more.");
            if (!_shared.TryGetValue(owner, out var shared))
                _shared.Add(owner, shared = create());
            return (T)shared;
        }
    }

    private static async Task DisposeQuietlyAsync(IAsyncDisposable shared)
    {
        try
        {
            await shared.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The runs are over and have their answers.
        }
    }
}
