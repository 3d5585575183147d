namespace Orchestrator.Metrics.Testing;

/// <summary>Labels, in the order of their names.</summary>
internal sealed class Labels
{
    public Labels(IEnumerable<KeyValuePair<string, string>> labels)
    {
        var sorted = labels.OrderBy(label => label.Key, StringComparer.Ordinal).ToArray();
        Names = Array.ConvertAll(sorted, label => label.Key);
        Text = string.Join(',', sorted.Select(label =>
            $"{(LineReader.IsName(label.Key) ? label.Key : Quoted(label.Key))}={Quoted(label.Value)}"));
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>The labels without the braces.</summary>
    public string Text { get; }

    /// <summary>The labels in braces; nothing if there are none.</summary>
    public override string ToString() => Names.Count == 0 ? "" : InBraces(Text);

    public static string InBraces(string text) => $"{{{text}}}";

    public static string Quoted(string text) =>
        $"\"{text.Replace("\\", @"\\").Replace("\n", @"\n").Replace("\"", "\\\"")}\"";
}
