using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Exposition;

/// <summary>Writes Prometheus text and OpenMetrics.</summary>
internal sealed class TextExpositionWriter(MetricsSnapshot snapshot, ExpositionFormat format) : ExpositionWriter
{
    private readonly IEnumerator<ExpositionSection> _sections = snapshot.Entries
        .SelectMany(entry => ExpositionSection.Split(entry.Family, entry.Samples, format.IsOpenMetrics))
        .GetEnumerator();

    private SampleWriter? _lines;
    private int _chunk;
    private int _sample;

    protected override bool WriteNext(ref Utf8Output output)
    {
        var chunks = _lines is null ? [] : _sections.Current.Family.Store.Chunks;
        if (_chunk < chunks.Count)
        {
            WriteSamples(ref output, _lines!, chunks[_chunk]);
            return true;
        }

        if (!_sections.MoveNext())
        {
            if (format.IsOpenMetrics)
                output.Write("# EOF\n"u8);
            return false;
        }

        (_chunk, _sample) = (0, 0);
        _lines = new SampleWriter(_sections.Current, format);
        _sections.Current.WriteHeader(ref output, format);
        return true;
    }

    private void WriteSamples(ref Utf8Output output, SampleWriter lines, SampleStore.Chunk chunk)
    {
        while (_sample < chunk.Count && HasRoom(ref output))
            lines.Write(ref output, chunk, _sample++);
        if (_sample == chunk.Count)
            (_chunk, _sample) = (_chunk + 1, 0);
    }
}
