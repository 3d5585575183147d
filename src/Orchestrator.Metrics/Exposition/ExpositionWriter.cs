using System.Buffers;
using System.IO.Pipelines;
using Orchestrator.Metrics.Exposition.Protobuf;

namespace Orchestrator.Metrics.Exposition;

/// <summary>
/// Writes a snapshot in an exposition format, one block at a time, so it never buffers the whole exposition.
/// </summary>
internal abstract class ExpositionWriter
{
    public const int BufferSize = 64 * 1024;

    // A block ends with the header or sample that reaches this size. It fits into the buffer if its maximum length is
    // at most 4 KiB; a longer one may request another buffer. Kestrel buffers 64 KiB before it waits for the client, so
    // it sends most blocks while the next one is written.
    private const int BlockSize = BufferSize - 4 * 1024;

    public static ExpositionWriter Create(MetricsSnapshot snapshot, ExpositionFormat format) => format.IsProtobuf
        ? new ProtobufWriter(snapshot, format.Escaping)
        : new TextExpositionWriter(snapshot, format);

    public static async Task WriteAsync(
        MetricsSnapshot snapshot, ExpositionFormat format, PipeWriter output, CancellationToken cancellationToken)
    {
        var writer = Create(snapshot, format);
        bool more;
        do
        {
            more = writer.WriteBlock(output);
            var flush = await output.FlushAsync(cancellationToken).ConfigureAwait(false);

            // The reader has completed the pipe, for example because the client has disconnected.
            if (flush.IsCompleted)
                return;
        }
        while (more);
    }

    /// <summary>Writes the next block. Returns whether there is more to write.</summary>
    public bool WriteBlock(IBufferWriter<byte> buffer)
    {
        var output = new Utf8Output(buffer, BufferSize);
        var more = true;
        while (more && HasRoom(ref output))
            more = WriteNext(ref output);
        output.Flush();
        return more;
    }

    public static bool HasRoom(ref Utf8Output output) => output.Written < BlockSize;

    /// <summary>Writes a header, or samples until the block is full. Returns whether there is more.</summary>
    protected abstract bool WriteNext(ref Utf8Output output);
}
