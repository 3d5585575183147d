namespace Orchestrator.Metrics;

/// <summary>
/// Finds the known name that a user may have meant. The exporter also compiles this file, because packages cannot use
/// each other's internals.
/// </summary>
internal static class Suggestion
{
    /// <summary>
    /// Returns the candidate with the fewest edits (insert, delete or replace a character), or null if each candidate
    /// needs more than one edit and more edits than a third of its length. Ignores case, and the difference between
    /// <c>-</c> and <c>_</c>.
    /// </summary>
    public static string? Find(string name, IEnumerable<string> candidates) => candidates
        .Select(candidate => (Name: candidate, Edits: CountEdits(Normalize(name), Normalize(candidate))))
        .Where(candidate => candidate.Edits <= Math.Max(1, candidate.Name.Length / 3))
        .OrderBy(candidate => candidate.Edits)
        .ThenBy(candidate => candidate.Name, StringComparer.Ordinal)
        .Select(candidate => candidate.Name)
        .FirstOrDefault();

    /// <summary>Returns the end of an error about an unknown name.</summary>
    public static string Describe(string name, IReadOnlyCollection<string> known, string title) =>
        Find(name, known) is { } suggestion ? $"Did you mean '{suggestion}'?"
        : known.Count == 0 ? $"{title}: none."
        : $"{title}: {string.Join(", ", known)}.";

    private static string Normalize(string name) => name.ToLowerInvariant().Replace('-', '_');

    // The Levenshtein distance, computed with one row of the table.
    private static int CountEdits(string from, string to)
    {
        if (Math.Abs(from.Length - to.Length) > to.Length)
            return int.MaxValue;
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}
