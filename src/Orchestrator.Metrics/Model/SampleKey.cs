using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

/// <summary>What tells the samples of one family apart: suffix, labels and timestamp.</summary>
internal readonly struct SampleKey(SampleStore.Chunk chunk, int index, int stride) : IEquatable<SampleKey>
{
    private SampleDetail? Detail => chunk.Details?[index];

    private SampleSuffix Suffix => Detail?.Suffix ?? SampleSuffix.Main;

    private double Timestamp => chunk.Timestamps?[index] ?? UnixSeconds.None;

    private ReadOnlySpan<string?> LabelValues => chunk.LabelValues.AsSpan(index * stride, stride);

    // The label values that stand in the chunk are part of an info's own labels.
    private KeyValuePair<string, string>[] OwnLabels => Detail?.Labels ?? [];

    public bool Equals(SampleKey other) =>
        Suffix == other.Suffix && Timestamp.Equals(other.Timestamp)
        && LabelValues.SequenceEqual(other.LabelValues) && OwnLabels.AsSpan().SequenceEqual(other.OwnLabels);

    public override bool Equals(object? obj) => obj is SampleKey other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Suffix);
        hash.Add(Timestamp);
        foreach (var value in LabelValues)
            hash.Add(value);
        foreach (var label in OwnLabels)
            hash.Add(label);
        return hash.ToHashCode();
    }

    public override string ToString() => string.Join(", ",
        (Detail?.Labels is { } own ? Array.ConvertAll(own, label => (string?)label.Value) : LabelValues.ToArray())
        .Select(value => value is null ? "-" : $"\"{value}\""));
}
