namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>Counts requests in flight. Thread-safe.</summary>
internal sealed class RequestCount
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _zero;
    private int _count;

    /// <summary>Counts a request until the result is disposed.</summary>
    public Request Enter()
    {
        lock (_lock)
            _count++;
        return new Request(this);
    }

    /// <summary>Completes when no request is in flight.</summary>
    public Task WhenZeroAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_count == 0)
                return Task.CompletedTask;
            _zero ??= new(TaskCreationOptions.RunContinuationsAsynchronously);
            return _zero.Task.WaitAsync(cancellationToken);
        }
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_count == 0)
                _zero?.TrySetResult();
        }
    }

    public readonly struct Request(RequestCount count) : IDisposable
    {
        public void Dispose() => count.Leave();
    }
}
