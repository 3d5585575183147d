using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Relabeling;

/// <summary>
/// The suffix and the labels of a sample, compared by value. An empty label equals a missing one, as in Prometheus. The
/// pairs contain all labels if the columns do not suffice; otherwise they are null.
/// </summary>
internal readonly record struct SeriesKey(
    SampleSuffix Suffix, string?[] Columns, KeyValuePair<string, string>[]? Pairs = null)
{
    public bool Equals(SeriesKey other) => Suffix == other.Suffix
        && DuplicateFinder.AreEqual(Columns, other.Columns)
        && DuplicateFinder.AreEqual(Pairs, other.Pairs);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Suffix);
        foreach (var value in Columns)
            hash.Add(value ?? "");
        foreach (var pair in Pairs ?? [])
        {
            if (pair.Value.Length > 0)
                hash.Add(pair);
        }

        return hash.ToHashCode();
    }
}
