using System.Buffers;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>
/// Buffers written bytes in pooled memory, up to a limit. A writer may close or keep the stream, so writing after
/// <see cref="End"/> throws: by then, the memory may belong to another caller.
/// </summary>
internal sealed class PooledTextStream(ArrayPool<byte> pool, int limit = PooledTextStream.Limit) : Stream
{
    // About two million series. Bounds the memory for an endless source.
    public const int Limit = 256 * 1024 * 1024;

    private const int FirstSize = 64 * 1024;

    private readonly Lock _lock = new();
    private byte[] _text = [];
    private int _length;
    private bool _ended;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => !_ended;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    // The memory is valid until Release.
    public Memory<byte> End()
    {
        lock (_lock)
        {
            _ended = true;
            return _text.AsMemory(0, _length);
        }
    }

    public void Release()
    {
        lock (_lock)
        {
            _ended = true;
            Return(_text);
            (_text, _length) = ([], 0);
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ended, this);
            if (buffer.Length > limit - _length)
                throw new InvalidOperationException(
                    $"The exposition is longer than {limit} bytes. Export fewer series, or split them into several " +
                    "registries.");
            if (buffer.Length > _text.Length - _length)
                Grow(_length + buffer.Length);
            buffer.CopyTo(_text.AsSpan(_length));
            _length += buffer.Length;
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void WriteByte(byte value) => Write([value]);

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Write(buffer.Span);
        return ValueTask.CompletedTask;
    }

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        // Only Release returns the memory, because the bytes are read after the stream is closed.
        lock (_lock)
            _ended = true;
        base.Dispose(disposing);
    }

    private void Return(byte[] text)
    {
        if (text.Length > 0)
            pool.Return(text);
    }

    private void Grow(int needed)
    {
        var larger = pool.Rent(Math.Max(needed, Math.Max(FirstSize, 2 * _text.Length)));
        _text.AsSpan(0, _length).CopyTo(larger);
        Return(_text);
        _text = larger;
    }
}
