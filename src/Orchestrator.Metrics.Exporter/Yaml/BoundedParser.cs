using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>
/// Rejects YAML that is legal but has no place in a configuration, while it is parsed. Building the nodes is recursive,
/// so deep nesting would otherwise overflow the stack.
/// </summary>
internal sealed class BoundedParser(IParser parser) : IParser
{
    private const int MaxDepth = 32;

    // An alias costs nothing to parse, but each repeats its anchor when the configuration is read.
    private const int MaxAliases = 1000;

    private const string CoreTags = "tag:yaml.org,2002:";

    // Of complete nodes only, so that no node contains itself.
    private readonly HashSet<AnchorName> _anchors = [];
    private readonly Stack<AnchorName> _open = [];
    private int _aliases;
    private int _documents;

    public ParsingEvent? Current => parser.Current;

    public bool MoveNext()
    {
        if (!parser.MoveNext())
            return false;
        if (Current is { } current && Problem(current) is { } problem)
            throw new YamlException(current.Start, current.End, problem);
        return true;
    }

    private string? Problem(ParsingEvent current)
    {
        if (current is DocumentStart && ++_documents > 1)
            return "The file has a second YAML document. Remove the separator '---', or use a file per document.";
        TrackAnchors(current);
        if (_open.Count > MaxDepth)
            return $"The nesting is deeper than {MaxDepth} levels.";
        if (current is AnchorAlias alias && !_anchors.Contains(alias.Value))
            return $"The anchor '{alias.Value}' is not defined before this place. Define it: &{alias.Value}.";
        if (current is AnchorAlias && ++_aliases > MaxAliases)
            return $"The file has more than {MaxAliases} aliases. Write out some of them.";
        return current is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } tag }
            && !tag.Value.StartsWith(CoreTags, StringComparison.Ordinal)
            ? $"The tag '{tag.Value}' is not supported. Remove it; quote the value if it starts with '!'."
            : null;
    }

    private void TrackAnchors(ParsingEvent current)
    {
        switch (current)
        {
            case MappingStart or SequenceStart:
                _open.Push(((NodeEvent)current).Anchor);
                break;
            case MappingEnd or SequenceEnd:
                _anchors.Add(_open.Pop());
                break;
            case Scalar scalar:
                _anchors.Add(scalar.Anchor);
                break;
        }
    }
}
