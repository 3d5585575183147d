using System.Buffers;

namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>Discards bytes without allocating.</summary>
internal sealed class ReusedBlock : IBufferWriter<byte>
{
    private readonly byte[] _block = new byte[1 << 20];

    public void Advance(int count)
    {
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => _block.AsMemory(0, Math.Max(sizeHint, 4096));

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}

internal sealed class RecordingStream(Action? onWrite = null) : WriteOnlyStream
{
    private long _sinceFlush;

    public List<int> Writes { get; } = [];

    public long LargestBetweenFlushes { get; private set; }

    public bool IsOpen { get; private set; } = true;

    public override void Flush() => _sinceFlush = 0;

    public override void Write(byte[] buffer, int offset, int count)
    {
        Writes.Add(count);
        _sinceFlush += count;
        LargestBetweenFlushes = Math.Max(LargestBetweenFlushes, _sinceFlush);
        onWrite?.Invoke();
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer, offset, count);
        return Task.CompletedTask;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.ToArray(), 0, buffer.Length);
        return ValueTask.CompletedTask;
    }

    protected override void Dispose(bool disposing)
    {
        IsOpen = false;
        base.Dispose(disposing);
    }
}
