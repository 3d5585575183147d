using YamlDotNet.RepresentationModel;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>
/// A map in a file. Tracks which keys are looked up: <see cref="RejectUnknownKeys"/> reports all other keys.
/// Not thread-safe.
/// </summary>
internal sealed class YamlMap
{
    private const string MergeKey = "<<";

    private readonly YamlMappingNode _node;
    private readonly YamlSource _source;
    private readonly Dictionary<string, (YamlNode Key, YamlNode Value)> _entries = [];
    private readonly List<string> _known = [];

    public YamlMap(YamlMappingNode node, YamlSource source)
    {
        (_node, _source) = (node, source);
        AddEntries();
        AddMerged();
    }

    /// <summary>All entries, for a map with arbitrary keys, such as labels.</summary>
    public IEnumerable<(string Key, YamlValue Value)> Entries =>
        _entries.Select(entry => (entry.Key, new YamlValue(entry.Value.Value, _source)));

    /// <summary>Returns null if the key is absent or its value is null.</summary>
    public YamlValue? Find(string key)
    {
        _known.Add(key);
        return _entries.TryGetValue(key, out var entry)
            && new YamlValue(entry.Value, _source) is { IsNull: false } value
            ? value
            : null;
    }

    /// <summary>Adds an error for each item that is empty or not a string.</summary>
    public IReadOnlyList<string> FindStrings(string key) =>
        [.. (Find(key)?.AsList() ?? []).Select(item => item.AsNonEmptyString()).OfType<string>()];

    /// <summary>Adds an error if the key is absent or its value is null.</summary>
    public YamlValue? Require(string key)
    {
        var value = Find(key);
        if (value is null)
            AddError(key, $"The key '{key}' is missing. Add it.");
        return value;
    }

    /// <summary>Adds an error for each key that was not looked up. Call it last.</summary>
    /// <param name="remedy">Returns the remedy for a key, or null to suggest a known key.</param>
    public void RejectUnknownKeys(Func<string, string?>? remedy = null)
    {
        string[] known = [.. _known.Distinct().Order(StringComparer.Ordinal)];
        foreach (var key in _entries.Keys.Except(known))
            AddError(
                key,
                $"The key '{key}' is unknown. {remedy?.Invoke(key) ?? Suggestion.Describe(key, known, "Known keys")}");
    }

    /// <summary>Adds an error at the position of a key, or of the map if the key is absent.</summary>
    public void AddError(string key, string message) => _source.Errors.Add(
        _source.File, _entries.TryGetValue(key, out var entry) ? entry.Key.Start : _node.Start, message);

    private void AddEntries()
    {
        foreach (var (key, value) in _node)
        {
            var name = ((YamlScalarNode)key).Value ?? "";
            if (name != MergeKey && !_entries.TryAdd(name, (key, value)))
                _source.Errors.Add(_source.File, key.Start, $"The key '{name}' occurs twice. Remove one of them.");
        }
    }

    private void AddMerged()
    {
        if (!_node.Children.TryGetValue(MergeKey, out var merged))
            return;
        foreach (var map in merged is YamlSequenceNode list ? list.Children : [merged])
        {
            if (map is YamlMappingNode mapping)
            {
                // If several maps contain a key, the first one takes precedence.
                foreach (var (key, entry) in Read(mapping)._entries)
                    _entries.TryAdd(key, entry);
            }
            else
            {
                _source.Errors.Add(_source.File, map.Start, "Expected a map to merge, such as '<<: *anchor'.");
            }
        }
    }

    private YamlMap Read(YamlMappingNode merged)
    {
        if (_source.Merged.TryGetValue(merged, out var map))
            return map;
        return _source.Merged[merged] = new YamlMap(merged, _source);
    }
}
