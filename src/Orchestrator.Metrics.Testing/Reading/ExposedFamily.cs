namespace Orchestrator.Metrics.Testing;

/// <summary>A metric family as an exposition shows it.</summary>
internal sealed class ExposedFamily(string name)
{
    /// <summary>What a line that starts with <c>#</c> can say of a family, in the usual order.</summary>
    public static readonly string[] Keywords = ["HELP", "TYPE", "UNIT"];

    public string Name => name;

    /// <summary>What stands after the name in these lines, escaped as it was.</summary>
    public Dictionary<string, string> Metadata { get; } = [];

    public string Type => Metadata.GetValueOrDefault("TYPE", "untyped");

    public List<ExposedSample> Samples { get; } = [];

    /// <summary>A line of metadata; null if there is none for the keyword, or nothing in it.</summary>
    public string? MetadataLine(string keyword) => Metadata.TryGetValue(keyword, out var text) && text.Length > 0
        ? $"# {keyword} {(LineReader.IsName(name) ? name : Labels.Quoted(name))} {text}"
        : null;

    /// <summary>Whether a sample of this name belongs to the family.</summary>
    public bool Has(string sample) =>
        sample.StartsWith(name, StringComparison.Ordinal) && Suffixes(Type).Contains(sample[name.Length..]);

    // Those of both formats: the one has the _total of a counter in its name, the other in the names of its samples.
    private static string[] Suffixes(string type) => type switch
    {
        "counter" => ["", "_total", "_created"],
        "summary" => ["", "_count", "_sum", "_created"],
        "histogram" => ["", "_bucket", "_count", "_sum", "_created"],
        "gaugehistogram" => ["_bucket", "_gcount", "_gsum"],
        "info" => ["_info"],
        _ => [""],
    };
}
