namespace Orchestrator.Metrics;

/// <summary>Labels given as pairs: checked, copied and sorted by name.</summary>
internal static class LabelPairs
{
    public static KeyValuePair<string, string>[] Sorted(
        IEnumerable<KeyValuePair<string, string>> labels, string owner, NameValidationScheme scheme)
    {
        var sorted = labels.ToArray();
        foreach (var (name, value) in sorted)
        {
            MetricNames.ValidateLabelName(name, owner, scheme);
            if (value is null)
                throw new ArgumentException($"Label '{name}' of {owner} is null. Give a text; it may be empty.");
        }

        Array.Sort(sorted, static (x, y) => CodePointComparer.Instance.Compare(x.Key, y.Key));
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Key == sorted[i - 1].Key)
                throw new ArgumentException($"Label '{sorted[i].Key}' of {owner} occurs twice. Remove one of them.");
        }

        return sorted;
    }
}
