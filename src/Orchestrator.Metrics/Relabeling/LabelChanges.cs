namespace Orchestrator.Metrics.Relabeling;

internal sealed record LabelChanges(
    IReadOnlySet<string> Dropped, IReadOnlyDictionary<string, Func<string, string>> Maps,
    IReadOnlyDictionary<string, string> Added, string NamePrefix)
{
    public static LabelChanges None { get; } = new(
        new HashSet<string>(), new Dictionary<string, Func<string, string>>(), new Dictionary<string, string>(), "");

    /// <summary>The <see cref="CollectorOptions.MinimumFamilyNames"/>, without the prefix.</summary>
    public IReadOnlySet<string> Minima { get; init; } = new HashSet<string>();
}
