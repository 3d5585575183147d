using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>A family while its text is read.</summary>
/// <param name="name">The name that it was declared with; of a counter the name of its samples.</param>
/// <param name="type">Its type.</param>
internal sealed class ParsedFamily(string name, MetricType type)
{
    // A sample with a label beyond these keeps its labels itself, so that sets which all differ stay small.
    private const int MostColumns = 64;

    private readonly List<string> _labelNames = [];
    private SampleStore _samples = new(stride: 0);

    public string Name => name;

    public MetricType Type { get; set; } = type;

    public string? Help { get; set; }

    public string? Unit { get; set; }

    public bool HasSamples => _samples.Count > 0;

    public bool HasCreated => (_samples.Suffixes & SampleSuffix.Created) != 0;

    public void Add(
        SampleSuffix suffix, List<KeyValuePair<string, string>> labels, double value, double timestamp,
        Exemplar? exemplar)
    {
        var fits = true;
        foreach (var (label, _) in labels)
            fits &= _labelNames.Contains(label) || TryAddColumn(label);
        var own = fits ? null : ByName(labels);
        var values = _samples.Add(value, timestamp, SampleDetail.For(suffix, exemplar, own));
        if (own is not null)
            return;
        foreach (var (label, text) in labels)
        {
            ref var place = ref values[_labelNames.IndexOf(label)];
            if (place is not null)
                throw Twice(label);
            place = text;
        }
    }

    /// <summary>The family, with all its samples.</summary>
    /// <param name="stem">The name without <c>_total</c>, for a counter as OpenMetrics has it; else null.</param>
    public MetricFamily Build(string? stem)
    {
        var unit = Unit is not null && (stem ?? Name).EndsWith("_" + Unit, StringComparison.Ordinal) ? Unit : "";
        var hasTotal = Type != MetricType.Counter || stem is not null;
        return new MetricFamily(Type, stem ?? Name, Help ?? "", unit, [.. _labelNames], _samples, hasTotal);
    }

    /// <summary>Labels sorted by name, each of which occurs once.</summary>
    public static KeyValuePair<string, string>[] ByName(List<KeyValuePair<string, string>> labels)
    {
        var sorted = labels.ToArray();
        Array.Sort(sorted, static (x, y) => CodePointComparer.Instance.Compare(x.Key, y.Key));
        for (var i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Key == sorted[i - 1].Key)
                throw Twice(sorted[i].Key);
        }

        return sorted;
    }

    private static FormatException Twice(string label) => new($"Label '{label}' occurs twice.");

    private bool TryAddColumn(string label)
    {
        if (_labelNames.Count == MostColumns)
            return false;
        var position = ~_labelNames.BinarySearch(label, CodePointComparer.Instance);
        _labelNames.Insert(position, label);
        _samples = _samples.WithColumn(position);
        return true;
    }
}
