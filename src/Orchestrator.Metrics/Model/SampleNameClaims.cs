using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

/// <summary>
/// The sample names of families that are exposed together. A family claims its own name and those of its samples, so a
/// histogram <c>x</c> conflicts with a gauge <c>x_count</c>.
/// Source: <c>CollectorRegistry._get_names</c> of <c>prometheus_client</c>.
/// </summary>
internal sealed class SampleNameClaims
{
    private readonly Dictionary<string, SampleNameClaim> _claims = [];

    /// <summary>
    /// Returns an earlier claim on a name of the family, preferably by a family of another name; null if there is none.
    /// </summary>
    public SampleNameClaim? Find(MetricFamily family)
    {
        var found = Names(family).Select(name => _claims.GetValueOrDefault(name)).OfType<SampleNameClaim>().ToArray();
        return Array.Find(found, claim => claim.Family != family.Name) ?? found.FirstOrDefault();
    }

    /// <summary>Claims the names of the family that are not claimed yet.</summary>
    public void Add(MetricFamily family, string collector = "")
    {
        foreach (var name in Names(family))
            _claims.TryAdd(name, new SampleNameClaim(name, family.Name, collector));
    }

    // Names are compared after escaping, because readers that accept legacy names only get 'a_b' for 'a.b'. A family of
    // another library claims only the names of its samples and of its # TYPE line.
    private static IEnumerable<string> Names(MetricFamily family)
    {
        var name = EscapedName.Metric(family.Name, EscapingScheme.Underscores);
        var type = family.OpenMetricsType;
        return SampleSuffixes.Of(type)
            .Where(suffix => !family.IsParsed || (suffix & (family.Store.Suffixes | SampleSuffix.Main)) != 0)
            .Select(suffix => name + suffix.Text(type)).Prepend(name).Distinct();
    }
}

/// <summary>A claimed name, with the family and the collector that claim it.</summary>
internal sealed record SampleNameClaim(string Name, string Family, string Collector);
