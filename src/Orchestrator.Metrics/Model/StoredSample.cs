using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

/// <summary>A sample in the store of its family.</summary>
internal readonly record struct StoredSample(SampleStore.Chunk Chunk, int Index)
{
    public double Value => Chunk.Values[Index];

    /// <summary>Seconds since the Unix epoch; NaN for a sample without a timestamp.</summary>
    public double Timestamp => Chunk.Timestamps?[Index] ?? UnixSeconds.None;

    /// <summary>The detail; null for a plain number.</summary>
    public SampleDetail? Detail => Chunk.Details?[Index];

    public SampleSuffix Suffix => Detail?.Suffix ?? SampleSuffix.Main;

    /// <summary>The label values, in the order of the label names.</summary>
    public Span<string?> LabelValues => Chunk.GetLabels(Index);
}
