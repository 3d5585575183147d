namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>Counts requests in flight, until no more are admitted. Thread-safe.</summary>
internal sealed class RequestCount
{
    private readonly Lock _lock = new();
    private readonly TaskCompletionSource _none = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _count;
    private bool _isClosed;

    /// <summary>Returns false after <see cref="Close"/>. Otherwise, <see cref="Leave"/> must follow.</summary>
    public bool TryEnter()
    {
        lock (_lock)
        {
            if (!_isClosed)
                _count++;
            return !_isClosed;
        }
    }

    public void Leave()
    {
        lock (_lock)
        {
            _count--;
            CompleteIfNone();
        }
    }

    /// <summary>Admits no more requests. The task completes when none is in flight.</summary>
    public Task Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            CompleteIfNone();
            return _none.Task;
        }
    }

    private void CompleteIfNone()
    {
        if (_isClosed && _count == 0)
            _none.TrySetResult();
    }
}
