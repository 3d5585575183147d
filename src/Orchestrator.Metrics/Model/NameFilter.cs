namespace Orchestrator.Metrics.Model;

/// <summary>Selects families and samples by name, for <c>?name[]=</c>.</summary>
internal static class NameFilter
{
    public static SampleSuffix Select(MetricFamily family, HashSet<string> names)
    {
        if (names.Contains(family.Name))
            return SampleSuffix.All;
        SampleSuffix selected = 0;
        foreach (var suffix in SampleSuffixes.GetSuffixes(family.OpenMetricsType))
        {
            if (names.Contains(family.Name + suffix.GetText(family.OpenMetricsType)))
                selected |= suffix;
        }

        return selected;
    }

    /// <summary>Returns whether the names may select a family of this name, whatever its type.</summary>
    public static bool MaySelect(string family, IReadOnlyCollection<string> names)
    {
        // A counter or an info may be declared with or without the suffix of its samples.
        var prefix = SampleSuffixes.RemoveInfo(SampleSuffixes.RemoveTotal(family));
        return names.Any(name => name.StartsWith(prefix, StringComparison.Ordinal)
            && (SampleSuffixes.Texts.Contains(name[prefix.Length..])
                || (name.StartsWith(family, StringComparison.Ordinal)
                    && SampleSuffixes.Texts.Contains(name[family.Length..]))));
    }
}
