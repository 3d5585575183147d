using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>
/// Rejects valid YAML that a configuration must not contain, during parsing. Deep nesting would overflow the stack,
/// because nodes are built recursively. Keys must be strings: the hash of a map or a list would visit all nodes below
/// it, each as often as aliases refer to the node.
/// </summary>
internal sealed class BoundedParser(IParser parser) : IParser
{
    private const int MaxDepth = 32;

    // An alias is cheap to parse, but reading the configuration repeats the anchored node for each alias.
    private const int MaxAliases = 1000;

    private const string CoreTags = "tag:yaml.org,2002:";

    // The anchors of complete nodes only, so that no node contains itself.
    private readonly HashSet<AnchorName> _anchors = [];
    private readonly Stack<Collection> _open = [];
    private int _aliases;
    private int _documents;

    public ParsingEvent? Current => parser.Current;

    public bool MoveNext()
    {
        if (!parser.MoveNext())
            return false;
        if (Current is { } current && FindProblem(current) is { } problem)
            throw new YamlException(current.Start, current.End, problem);
        return true;
    }

    // Messages do not quote a name: an unquoted secret may start with '*' or '!'.
    private string? FindProblem(ParsingEvent current)
    {
        if (current is DocumentStart && ++_documents > 1)
            return "The file has a second YAML document. Remove the separator '---', or use a file per document.";
        if (current is NodeEvent or AnchorAlias
            && _open.TryPeek(out var parent) && parent.AddNode() && current is not Scalar)
            return "Expected a key, but this is a map, a list or an alias.";
        TrackAnchors(current);
        if (_open.Count > MaxDepth)
            return $"The nesting is deeper than {MaxDepth} levels. Reduce it.";
        if (current is AnchorAlias alias && !_anchors.Contains(alias.Value))
            return "The value is an alias whose anchor is not defined before this place. Define it, or quote a value " +
                "that starts with '*'.";
        if (current is AnchorAlias && ++_aliases > MaxAliases)
            return $"The file has more than {MaxAliases} aliases. Write out some of them.";
        return current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag }
            && !tag.Value.StartsWith(CoreTags, StringComparison.Ordinal)
            ? "The value has a tag, which is not supported. Remove it, or quote a value that starts with '!'."
            : null;
    }

    private void TrackAnchors(ParsingEvent current)
    {
        switch (current)
        {
            case MappingStart or SequenceStart:
                _open.Push(new(((NodeEvent)current).Anchor, current is MappingStart));
                break;
            case MappingEnd or SequenceEnd:
                _anchors.Add(_open.Pop().Anchor);
                break;
            case Scalar scalar:
                _anchors.Add(scalar.Anchor);
                break;
        }
    }

    private sealed class Collection(AnchorName anchor, bool isMap)
    {
        private int _nodes;

        public AnchorName Anchor => anchor;

        // Returns whether the node is the key of a map.
        public bool AddNode() => isMap && _nodes++ % 2 == 0;
    }
}
