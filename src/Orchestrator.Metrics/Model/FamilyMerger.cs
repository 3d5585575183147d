using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

internal static class FamilyMerger
{
    /// <summary>
    /// Merges families between which <see cref="DescribeDifference"/> finds no difference. They must be read-only,
    /// because the merged family shares their samples. Keeps duplicate samples.
    /// </summary>
    public static MetricFamily Merge(IReadOnlyList<MetricFamily> families)
    {
        if (families.Count == 1)
            return families[0];
        var labels = families.SelectMany(family => family.SortedLabelNames).Distinct().ToArray();
        Array.Sort(labels, CodePointComparer.Instance);
        var store = new SampleStore(labels.Length);
        var canShare = families.All(
            family => family.SortedLabelNames.Length == labels.Length && !family.Store.HasOwnLabels);
        foreach (var family in families)
        {
            if (canShare)
                store.Share(family.Store);
            else
                Copy(family, labels, store);
        }

        var first = families[0];
        return new MetricFamily(
            first.Type, first.Name, first.Help, first.Unit, labels, store,
            hasTotal: first.OpenMetricsType == first.Type, isParsed: families.All(family => family.IsParsed));
    }

    /// <summary>Returns null if two families of the same name can be merged.</summary>
    public static string? DescribeDifference(MetricFamily first, MetricFamily second) =>
        first.Type != second.Type ? $"types {first.Type} and {second.Type}"
        : first.OpenMetricsType != second.OpenMetricsType ? "sample names with and without the suffix '_total'"
        : first.Unit != second.Unit ? $"units '{first.Unit}' and '{second.Unit}'"
        : first.Help != second.Help ? $"help texts '{first.Help}' and '{second.Help}'"
        : null;

    // Duplicates are found by comparing stored labels, so equal labels must be stored in the same way. A sample stores
    // its labels itself only if the columns do not suffice, and then leaves the columns empty.
    private static void Copy(MetricFamily family, string[] labels, SampleStore store)
    {
        foreach (var chunk in family.Store.Chunks)
        {
            var copy = new SampleStore(labels.Length);
            for (var i = 0; i < chunk.Count; i++)
            {
                var sample = new StoredSample(chunk, i);
                var detail = sample.Detail;
                var own = detail?.Labels is { } pairs && pairs.Any(pair => !labels.Contains(pair.Key)) ? pairs : null;
                if (detail is not null)
                    detail = SampleDetail.Create(detail.Suffix, detail.Exemplar, own, detail.Native);
                var values = copy.Add(sample.Value, sample.Timestamp, detail);
                if (own is not null)
                    continue;
                foreach (var (label, value) in family.GetLabels(sample))
                    values[Array.BinarySearch(labels, label, CodePointComparer.Instance)] = value;
            }

            if (chunk.IsParsed)
                copy.MarkParsed();
            store.Share(copy);
        }
    }
}
