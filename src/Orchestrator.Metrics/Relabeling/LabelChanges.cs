namespace Orchestrator.Metrics.Relabeling;

/// <summary>Changes to the labels and the names of families.</summary>
/// <param name="Dropped">The labels to drop.</param>
/// <param name="Maps">The functions that map label values, by label.</param>
/// <param name="Added">The constant labels to add.</param>
/// <param name="NamePrefix">The prefix for the names of families.</param>
internal sealed record LabelChanges(
    IReadOnlySet<string> Dropped, IReadOnlyDictionary<string, Func<string, string>> Maps,
    IReadOnlyDictionary<string, string> Added, string NamePrefix)
{
    public static LabelChanges None { get; } = new(
        new HashSet<string>(), new Dictionary<string, Func<string, string>>(), new Dictionary<string, string>(), "");

    /// <summary>
    /// The families whose merged series keep the smallest value instead of the sum, by name without the prefix.
    /// </summary>
    public IReadOnlySet<string> Minima { get; init; } = new HashSet<string>();
}
