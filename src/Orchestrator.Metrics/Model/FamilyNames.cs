using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

/// <summary>
/// Who writes which names. A family claims its own name and those of its samples: a histogram <c>x</c> and a gauge
/// <c>x_count</c> do not go together. Source: <c>prometheus_client</c>'s <c>CollectorRegistry._get_names</c>.
/// </summary>
internal sealed class FamilyNames
{
    private readonly Dictionary<string, TakenName> _taken = [];

    /// <summary>The first name of a family that is taken already, or null if none is.</summary>
    public TakenName? Taken(MetricFamily family) =>
        Claimed(family).Select(name => _taken.GetValueOrDefault(name)).FirstOrDefault(taken => taken is not null);

    /// <summary>Claims the names of a family, or tells which of them is taken already.</summary>
    /// <param name="family">The family.</param>
    /// <param name="collector">Whose it is, where there are several.</param>
    public TakenName? TryAdd(MetricFamily family, string collector = "")
    {
        if (Taken(family) is { } taken)
            return taken;
        foreach (var name in Claimed(family))
            _taken.Add(name, new TakenName(name, family.Name, collector));
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
        // A counter or an info may be declared with or without the suffix of its samples.
        var stem = SampleSuffixes.WithoutInfo(SampleSuffixes.WithoutTotal(family));
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
            .Where(suffix => !family.IsParsed || (suffix & (family.Store.Suffixes | SampleSuffix.Main)) != 0)
            .Select(suffix => name + suffix.Text(type)).Prepend(name).Distinct();
    }
}

/// <summary>A name, and the family that has it.</summary>
internal sealed record TakenName(string Name, string Family, string Collector);
