namespace Orchestrator.Metrics.Tests.Collection;

internal sealed class FakeResultStore : ICollectorResultStore
{
    private readonly List<CollectorResultRequest> _requests = [];
    private readonly TaskCompletionSource _hanging = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public CollectorResult? Stored { get; set; }

    public CollectorResult? Collected { get; private set; }

    public bool Hangs { get; init; }

    /// <summary>Whether the store returns its result before the collector that it runs has ended.</summary>
    public bool CollectsInBackground { get; init; }

    public Task Hanging => _hanging.Task;

    public Task Cancelled => _cancelled.Task;

    public CollectorResultRequest[] Requests
    {
        get
        {
            lock (_requests)
                return [.. _requests];
        }
    }

    public async Task<CollectorResult> GetOrCollectAsync(
        CollectorResultRequest request, Func<Task<CollectorResult>> collect, CancellationToken cancellationToken)
    {
        lock (_requests)
            _requests.Add(request);
        if (Hangs)
        {
            cancellationToken.Register(_cancelled.SetResult);
            _hanging.SetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        await Task.Yield();
        if (CollectsInBackground)
            _ = collect();
        return Stored ?? (Collected = await collect());
    }
}
