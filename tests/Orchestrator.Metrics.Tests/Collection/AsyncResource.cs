namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>An object whose disposal calls a delegate of the test.</summary>
internal sealed class AsyncResource(Func<Task> onDispose) : IAsyncDisposable
{
    public ValueTask DisposeAsync() => new(onDispose());
}
