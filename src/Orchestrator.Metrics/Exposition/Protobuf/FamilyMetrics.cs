using System.Buffers;
using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Exposition.Protobuf;

/// <summary>
/// Encodes the metrics of a family, one after the other, or computes their length. Each object can do only one of the
/// two, because it reads the samples only once.
/// </summary>
internal sealed class FamilyMetrics
{
    private readonly IReadOnlyList<SampleStore.Chunk> _chunks;
    private readonly MetricEncoder _encoder;

    // Exactly one of the two is null.
    private readonly NumberEncoder? _numbers;
    private readonly MetricReader? _reader;
    private int _chunk;
    private int _sample;

    public FamilyMetrics(MetricFamily family, EscapingScheme escaping)
    {
        _chunks = family.Store.Chunks;
        _encoder = new MetricEncoder(family, escaping);
        if (family.Type != MetricType.Summary && _chunks.All(chunk => chunk.Details is null))
            _numbers = new NumberEncoder(family, escaping);
        else
            _reader = new MetricReader(family);
    }

    public long ComputeLength() => _numbers is null
        ? ComputeEncodedLength(_reader!)
        : _chunks.Sum(_numbers.ComputeLength);

    /// <summary>Writes as many metrics as the block has room for. Returns whether there are more.</summary>
    public bool Write(ref Utf8Output output)
    {
        var more = true;
        while (more && ExpositionWriter.HasRoom(ref output))
            more = _numbers is null ? WriteNext(ref output, _reader!) : WriteChunk(ref output, _numbers);
        return more;
    }

    private bool WriteChunk(ref Utf8Output output, NumberEncoder numbers)
    {
        if (_chunk == _chunks.Count)
            return false;
        var chunk = _chunks[_chunk];
        while (_sample < chunk.Count && ExpositionWriter.HasRoom(ref output))
            numbers.Write(ref output, chunk, _sample++);
        if (_sample == chunk.Count)
            (_chunk, _sample) = (_chunk + 1, 0);
        return true;
    }

    private bool WriteNext(ref Utf8Output output, MetricReader reader)
    {
        if (!reader.Read())
            return false;
        var buffer = new ProtobufBuffer(output.GetSpan(_encoder.GetMaxLength(reader.Metric)));
        _encoder.Write(ref buffer, reader.Metric);
        output.Advance(buffer.Length);
        return true;
    }

    private long ComputeEncodedLength(MetricReader reader)
    {
        var total = 0L;
        var bytes = Array.Empty<byte>();
        while (reader.Read())
        {
            var longest = _encoder.GetMaxLength(reader.Metric);
            if (longest > bytes.Length)
            {
                ArrayPool<byte>.Shared.Return(bytes);
                bytes = ArrayPool<byte>.Shared.Rent(longest);
            }

            var buffer = new ProtobufBuffer(bytes);
            _encoder.Write(ref buffer, reader.Metric);
            total += buffer.Length;
        }

        ArrayPool<byte>.Shared.Return(bytes);
        return total;
    }
}
