using System.Threading.Channels;
using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Metrics.Tests;

/// <summary>Signals the start of certain timers, so a test does not advance the clock before they are set.</summary>
internal sealed class SignallingTimeProvider(Func<TimeSpan, bool> signals) : FakeTimeProvider
{
    private readonly Channel<TimeSpan> _started = Channel.CreateUnbounded<TimeSpan>();

    public Task WaitForTimerAsync() => _started.Reader.ReadAsync().AsTask().Soon();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        if (signals(dueTime))
            _started.Writer.TryWrite(dueTime);
        return timer;
    }
}
