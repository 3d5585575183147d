namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>A scoped service whose disposal is slow or fails.</summary>
internal sealed class AsyncResource(Func<Task> onDispose) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => new(onDispose());
}
