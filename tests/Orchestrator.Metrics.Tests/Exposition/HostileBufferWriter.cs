using System.Buffers;

namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>
/// Returns a new block for each request, of the requested size plus an extra size, filled with garbage. Throws if the
/// caller advances past the end of a block, or twice in the same block.
/// </summary>
internal sealed class HostileBufferWriter(Func<int, int> extra) : IBufferWriter<byte>
{
    private readonly ArrayBufferWriter<byte> _written = new();
    private byte[]? _block;

    public byte[] Written => _written.WrittenSpan.ToArray();

    public int Length => _written.WrittenCount;

    public void Advance(int count)
    {
        if (count == 0 && _block is null)
            return;
        if (_block is null || count > _block.Length)
            throw new InvalidOperationException(
                $"Cannot advance by {count} bytes: the block has {_block?.Length ?? 0}. Request a larger block first.");
        _written.Write(_block.AsSpan(0, count));
        _block = null;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        _block = new byte[Math.Max(sizeHint, 1) + extra(sizeHint)];
        _block.AsSpan().Fill(0xFF);
        return _block;
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
}
