using System.Collections.Concurrent;
using System.Diagnostics.Tracing;

namespace Orchestrator.Metrics.Benchmarks.Soak;

/// <summary>Counts the arrays that were rented from array pools and not returned, from events of the runtime.</summary>
internal sealed class PooledBuffers : EventListener
{
    private const string Source = "System.Buffers.ArrayPoolEventSource";
    private const int Rented = 1;
    private const int Returned = 3;

    private readonly ConcurrentDictionary<int, bool> _rented = [];

    private long _rentals;

    public int Outstanding => _rented.Count;

    /// <summary>The number of rented arrays, to verify that counting works.</summary>
    public long Rentals => Interlocked.Read(ref _rentals);

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Source)
            EnableEvents(eventSource, EventLevel.Verbose);
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventSource.Name != Source || eventData.Payload is not [int buffer, ..])
            return;
        if (eventData.EventId == Rented)
        {
            Interlocked.Increment(ref _rentals);
            _rented?.TryAdd(buffer, true);
        }
        else if (eventData.EventId == Returned)
        {
            _rented?.TryRemove(buffer, out _);
        }
    }
}
