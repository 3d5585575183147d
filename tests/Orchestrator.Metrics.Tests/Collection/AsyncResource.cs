namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>A scoped service whose disposal takes its time or fails.</summary>
internal sealed class AsyncResource(Func<Task> onDispose) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => new(onDispose());
}
