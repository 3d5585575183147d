using OpenTelemetry;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>
/// The labels of a resource, or of all series of a metric that have the same tag keys. The label names are computed
/// once; the values belong to the current series. Not thread-safe.
/// </summary>
internal sealed class SeriesLabels
{
    private readonly string[] _keys;
    private readonly string[] _originalValues;
    private readonly int _scopeLabels;

    // For each label, the positions of the original values that it joins. Null if each label has one value, in order.
    private readonly int[][]? _joined;
    private readonly string[] _names;
    private readonly string[] _values;

    public SeriesLabels(
        IReadOnlyList<(string Key, string Value)> scope, string[] keys, MeterNames names, string? reserved)
    {
        _keys = keys;
        _scopeLabels = scope.Count;
        _originalValues = [.. scope.Select(label => label.Value), .. keys];
        IsOverflow = keys is ["otel.metric.overflow"];

        string[] originals = [.. scope.Select(label => label.Key), .. keys];

        // Names that escape to the same legacy name become one label, even if they differ in UTF-8.
        var labels = originals.Select((key, i) => (Key: key, Label: TranslateKey(key, names, reserved), Position: i))
            .GroupBy(tag => EscapedName.EscapeLabelName(tag.Label, EscapingScheme.Underscores))
            .Select(group => group.OrderBy(tag => tag.Key, StringComparer.Ordinal).ToArray())
            .ToArray();
        _names = Array.ConvertAll(labels, group => group[0].Label);
        Names = new LabelNames(_names);
        var isJoined = labels.Length < originals.Length;
        _joined = isJoined ? Array.ConvertAll(labels, group => Array.ConvertAll(group, tag => tag.Position)) : null;
        _values = isJoined ? new string[labels.Length] : _originalValues;
    }

    public LabelNames Names { get; }

    public ReadOnlySpan<string> Values => _values;

    /// <summary>The names and values of the current series as one string, to compare series.</summary>
    public string Key => string.Join('\0', _names.Concat(_values));

    public IEnumerable<KeyValuePair<string, string>> Pairs => _names.Zip(_values, KeyValuePair.Create);

    /// <summary>
    /// Whether these are the labels of the overflow series, which aggregates the measurements beyond the SDK's
    /// cardinality limit.
    /// </summary>
    public bool IsOverflow { get; }

    /// <summary>Sets the values of a series. Returns false if its tags have other keys.</summary>
    public bool TryFill(ReadOnlyTagCollection tags)
    {
        if (tags.Count != _keys.Length)
            return false;
        var i = 0;
        foreach (var tag in tags)
        {
            if (tag.Key != _keys[i])
                return false;
            _originalValues[_scopeLabels + i++] = tag.Value as string ?? TagText.Format(tag.Value);
        }

        Join();
        return true;
    }

    public void Fill(IEnumerable<object?> tagValues)
    {
        var i = _scopeLabels;
        foreach (var value in tagValues)
            _originalValues[i++] = TagText.Format(value);
        Join();
    }

    private void Join()
    {
        for (var i = 0; i < _joined?.Length; i++)
            _values[i] = string.Join(';', _joined[i].Select(position => _originalValues[position]));
    }

    // Prepends 'exported_' to a reserved name, as Prometheus does.
    private static string TranslateKey(string key, MeterNames names, string? reserved)
    {
        var label = names.TranslateLabel(key);
        return label == reserved ? "exported_" + label : label;
    }
}
