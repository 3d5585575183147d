using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

/// <summary>
/// The names of families that are exposed together, and of their samples. A family claims its own name and the names of
/// its samples, so a histogram <c>x</c> conflicts with a gauge <c>x_count</c>.
/// Source: <c>CollectorRegistry._get_names</c> of <c>prometheus_client</c>.
/// </summary>
internal sealed class SampleNameClaims
{
    private readonly Dictionary<string, SampleNameClaim> _claims = [];

    /// <summary>Returns an earlier claim on a name of the family, preferably by a family of another name.</summary>
    public SampleNameClaim? Find(MetricFamily family)
    {
        SampleNameClaim? first = null;
        foreach (var name in family.ClaimedNames)
        {
            if (!_claims.TryGetValue(name, out var claim))
                continue;
            if (claim.Family != family.Name)
                return claim;
            first ??= claim;
        }

        return first;
    }

    public void Add(MetricFamily family, string collector = "")
    {
        foreach (var name in family.ClaimedNames)
            _claims.TryAdd(name, new SampleNameClaim(name, family.Name, collector));
    }

    /// <summary>
    /// Returns the names that a family claims, escaped, because readers that accept only legacy names receive
    /// <c>a_b</c> for <c>a.b</c>. A family from another library claims only the names of its samples and of its
    /// <c># TYPE</c> line.
    /// </summary>
    public static string[] GetNames(MetricFamily family)
    {
        var name = EscapedName.EscapeMetricName(family.Name, EscapingScheme.Underscores);
        var type = family.OpenMetricsType;
        return
        [
            .. SampleSuffixes.GetSuffixes(type)
                .Where(suffix => !family.IsParsed || (suffix & (family.Store.Suffixes | SampleSuffix.Main)) != 0)
                .Select(suffix => name + suffix.GetText(type)).Prepend(name).Distinct(),
        ];
    }
}

internal sealed record SampleNameClaim(string Name, string Family, string Collector);
