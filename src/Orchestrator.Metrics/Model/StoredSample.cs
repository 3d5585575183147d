using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

internal readonly record struct StoredSample(SampleStore.Chunk Chunk, int Index)
{
    public double Value => Chunk.Values[Index];

    public double Timestamp => Chunk.Timestamps?[Index] ?? UnixSeconds.None;

    public SampleDetail? Detail => Chunk.Details?[Index];

    public SampleSuffix Suffix => Detail?.Suffix ?? SampleSuffix.Main;

    public Span<string?> LabelValues => Chunk.GetLabels(Index);
}
