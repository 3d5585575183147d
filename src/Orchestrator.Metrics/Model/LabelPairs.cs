using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

internal static class LabelPairs
{
    public static KeyValuePair<string, string>[] SortByName(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var sorted = labels.ToArray();
        Array.Sort(sorted, static (x, y) => CodePointComparer.Instance.Compare(x.Key, y.Key));
        return sorted;
    }

    public static KeyValuePair<string, string>[] ValidateAndSort(
        IEnumerable<KeyValuePair<string, string>> labels, string owner, NameValidationScheme scheme)
    {
        var copy = labels.ToArray();
        foreach (var (name, value) in copy)
        {
            MetricNames.ValidateLabelName(name, owner, scheme);
            if (value is null)
                throw new ArgumentException($"Label '{name}' of {owner} is null. Pass a string; it may be empty.");
        }

        var sorted = SortByName(copy);
        RequireDistinct(Array.ConvertAll(sorted, label => label.Key), owner);
        return sorted;
    }

    /// <summary>
    /// Throws if two names are equal, or equal after escaping, such as 'a.b' and 'a_b', or if a name is escaped to
    /// '__name__', the label that contains the metric name.
    /// </summary>
    public static void RequireDistinct(string[] names, string owner, string? remedy = null)
    {
        var escaped = names.ToLookup(name => EscapedName.EscapeLabelName(name, EscapingScheme.Underscores));
        if (escaped[MetricNames.MetricNameLabel].FirstOrDefault() is { } reserved)
            throw new ArgumentException(
                $"Label '{reserved}' of {owner} is escaped to '{MetricNames.MetricNameLabel}' for readers that " +
                "accept legacy names only, and Prometheus rejects a scrape with that label. Rename it.");
        if (escaped.FirstOrDefault(group => group.Count() > 1) is { } same)
            throw new ArgumentException(same.Distinct().Count() == 1
                ? $"Label '{same.First()}' of {owner} occurs twice. {remedy ?? "Remove one of them."}"
                : $"Labels '{string.Join("' and '", same)}' of {owner} are both escaped to '{same.Key}' for readers " +
                  $"that accept legacy names only. {remedy ?? "Rename one of them."}");
    }
}
