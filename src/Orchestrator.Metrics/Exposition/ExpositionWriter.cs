using System.Buffers;
using System.IO.Pipelines;
using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Exposition;

/// <summary>
/// Writes a snapshot in an exposition format, one block at a time, so the whole text is never in memory. Handles
/// sections and samples, but no metric types.
/// </summary>
internal sealed class ExpositionWriter
{
    /// <summary>The number of bytes that one call of <see cref="WriteBlock"/> requests.</summary>
    // Just below the amount that Kestrel buffers before it waits for the client, so a block is sent while the next one
    // is written.
    public const int BufferSize = 64 * 1024;

    // A block ends early enough for its last line to fit into the buffer.
    private const int BlockSize = BufferSize - 4 * 1024;

    private readonly ExpositionFormat _format;
    private readonly IEnumerator<ExpositionSection> _sections;
    private SampleWriter? _lines;
    private int _chunk;
    private int _sample;

    public ExpositionWriter(MetricsSnapshot snapshot, ExpositionFormat format)
    {
        _format = format;
        _sections = snapshot.Entries
            .SelectMany(entry => ExpositionSection.Of(entry.Family, entry.Samples, format.IsOpenMetrics))
            .GetEnumerator();
    }

    /// <summary>Writes a snapshot to a pipe, which is not completed.</summary>
    public static async Task WriteAsync(
        MetricsSnapshot snapshot, ExpositionFormat format, PipeWriter output, CancellationToken cancellationToken)
    {
        var writer = new ExpositionWriter(snapshot, format);
        bool more;
        do
        {
            more = writer.WriteBlock(output);
            var flush = await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            if (flush.IsCompleted)
                return;
        }
        while (more);
    }

    /// <summary>Writes the next block.</summary>
    /// <returns>Whether there is more to write.</returns>
    public bool WriteBlock(IBufferWriter<byte> buffer)
    {
        var output = new Utf8Output(buffer, BufferSize);
        var more = true;
        while (more && output.Written < BlockSize)
            more = WriteNext(ref output);
        output.Flush();
        return more;
    }

    private bool WriteNext(ref Utf8Output output)
    {
        var chunks = _lines is null ? [] : _sections.Current.Family.Store.Chunks;
        if (_chunk < chunks.Count)
        {
            WriteSamples(ref output, _lines!, chunks[_chunk]);
            return true;
        }

        if (!_sections.MoveNext())
        {
            if (_format.IsOpenMetrics)
                output.Write("# EOF\n"u8);
            return false;
        }

        (_chunk, _sample) = (0, 0);
        _lines = new SampleWriter(_sections.Current, _format);
        _sections.Current.WriteHeader(ref output, _format);
        return true;
    }

    private void WriteSamples(ref Utf8Output output, SampleWriter lines, SampleStore.Chunk chunk)
    {
        while (_sample < chunk.Count && output.Written < BlockSize)
            lines.Write(ref output, chunk, _sample++);
        if (_sample == chunk.Count)
            (_chunk, _sample) = (_chunk + 1, 0);
    }
}
