namespace Orchestrator.Metrics;

/// <summary>
/// Rows in the order in which orchestrator-core writes them, the largest count first. Sorted here, since a database
/// sorts whole rows, on disk if there are very many.
/// </summary>
internal static class Largest
{
    public static List<T> First<T>(List<T> rows, Func<T, long> count)
    {
        var keys = new (long Count, int Index)[rows.Count];
        for (var i = 0; i < keys.Length; i++)
            keys[i] = (-count(rows[i]), i);
        Array.Sort(keys);
        var sorted = new List<T>(rows.Count);
        foreach (var (_, index) in keys)
            sorted.Add(rows[index]);
        return sorted;
    }
}
