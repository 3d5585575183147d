namespace Orchestrator.Metrics.Tests.Collection;

internal sealed class AsyncResource(Func<Task> onDispose) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => new(onDispose());
}
