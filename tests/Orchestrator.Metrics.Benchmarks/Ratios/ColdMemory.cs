using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>
/// Writes to uncached memory: a buffer larger than the caches, which is written repeatedly from start to end. Scrapes
/// are seconds apart, so the caches contain nothing of the last scrape.
/// </summary>
internal sealed class ColdMemory : WriteOnlyStream
{
    public const int Size = 64 * 1024 * 1024;

    private readonly byte[] _memory = new byte[Size];
    private int _next;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > Size - _next)
            _next = 0;
        buffer.CopyTo(_memory.AsSpan(_next));
        _next += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        Write(buffer.AsSpan(offset, count));
        return Task.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
