namespace Orchestrator.Metrics;

/// <summary>
/// Who writes which names. A family claims its own name and those of its samples: a histogram <c>x</c> and a gauge
/// <c>x_count</c> do not go together. Source: <c>prometheus_client</c>'s <c>CollectorRegistry._get_names</c>.
/// </summary>
internal sealed class FamilyNames
{
    private readonly Dictionary<string, string> _owners = [];

    /// <summary>Who has one of the names of a family, or null if nobody has.</summary>
    public string? Owner(MetricFamily family) =>
        Claimed(family).Select(name => _owners.GetValueOrDefault(name)).FirstOrDefault(owner => owner is not null);

    /// <summary>Claims the names of a family for an owner, or tells who has one of them already.</summary>
    public string? TryAdd(MetricFamily family, string owner)
    {
        if (Owner(family) is { } other)
            return other;
        foreach (var name in Claimed(family))
            _owners.Add(name, owner);
        return null;
    }

    /// <summary>Which samples of a family are meant by names of families and samples.</summary>
    public static SampleSuffix Selected(MetricFamily family, HashSet<string> wanted)
    {
        if (wanted.Contains(family.Name))
            return SampleSuffix.All;
        SampleSuffix selected = 0;
        foreach (var suffix in SampleSuffixes.Of(family.OpenMetricsType))
        {
            if (wanted.Contains(family.Name + suffix.Text(family.OpenMetricsType)))
                selected |= suffix;
        }

        return selected;
    }

    /// <summary>Whether a family of this name, of whatever type, may have samples of one of the wanted names.</summary>
    public static bool MayHave(string family, IReadOnlyCollection<string> wanted)
    {
        // A counter may be declared with or without what its samples end in.
        var stem = SampleSuffixes.WithoutTotal(family);
        return wanted.Any(name => name.StartsWith(stem, StringComparison.Ordinal)
            && (SampleSuffixes.Texts.Contains(name[stem.Length..])
                || (name.StartsWith(family, StringComparison.Ordinal)
                    && SampleSuffixes.Texts.Contains(name[family.Length..]))));
    }

    // Another library may use what a name leaves free: only the samples must differ, and what # TYPE says in text.
    // As they are for a reader that takes legacy names only: it gets 'a.b' as 'a_b'.
    private static IEnumerable<string> Claimed(MetricFamily family)
    {
        var name = EscapedName.Metric(family.Name, EscapingScheme.Underscores);
        var type = family.OpenMetricsType;
        return SampleSuffixes.Of(type)
            .Where(suffix => !family.IsParsed || (suffix & (family.Samples.Suffixes | SampleSuffix.Main)) != 0)
            .Select(suffix => name + suffix.Text(type)).Append(name).Distinct();
    }
}
