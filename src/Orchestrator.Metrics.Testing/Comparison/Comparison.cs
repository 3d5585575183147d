using System.Text;

namespace Orchestrator.Metrics.Testing;

/// <summary>Compares what was collected with what was expected, and shows the lines that differ.</summary>
internal sealed class Comparison
{
    private const int MostDifferences = 20;

    private readonly StringBuilder _shown = new();
    private int _differing;
    private int _metadata;
    private int _changed;
    private int _missing;
    private int _unexpected;

    /// <summary>In what they differ, in words and lines; null if in nothing.</summary>
    public static string? Difference(IReadOnlyList<ExposedFamily> expected, IReadOnlyList<ExposedFamily> collected)
    {
        var comparison = new Comparison();
        var left = collected.ToDictionary(family => family.Name);
        foreach (var family in expected)
        {
            left.Remove(family.Name, out var counterpart);
            comparison.Compare(family, counterpart ?? new ExposedFamily(family.Name));
        }

        foreach (var family in collected.Where(family => left.ContainsKey(family.Name)))
            comparison.Compare(new ExposedFamily(family.Name), family);
        return comparison._differing == 0 ? null : comparison.Describe(expected.Count == 0, collected.Count == 0);
    }

    private void Compare(ExposedFamily expected, ExposedFamily collected)
    {
        var (missing, unexpected) = Unmatched(expected.Samples, collected.Samples);
        var sameMetadata = Array.TrueForAll(
            ExposedFamily.Keywords, keyword => expected.MetadataLine(keyword) == collected.MetadataLine(keyword));
        if (sameMetadata && missing.Count == 0 && unexpected.Count == 0)
            return;

        foreach (var keyword in ExposedFamily.Keywords)
            CompareMetadata(expected.MetadataLine(keyword), collected.MetadataLine(keyword));
        CompareSamples(missing, unexpected);
        var same = expected.Samples.Count - missing.Count;
        if (same > 0)
            Show($"  ... {Counted(same, "sample")} as expected");
    }

    private void CompareMetadata(string? expected, string? collected)
    {
        if (expected == collected)
        {
            if (expected is not null)
                Show("  " + expected);
            return;
        }

        _metadata++;
        ShowDifference(expected, collected);
    }

    /// <summary>Shows the samples that differ, those of the same series beside each other.</summary>
    private void CompareSamples(List<ExposedSample> missing, List<ExposedSample> unexpected)
    {
        var bySeries = unexpected.GroupBy(sample => sample.Series)
            .ToDictionary(series => series.Key, series => new Queue<ExposedSample>(series));
        foreach (var sample in missing)
        {
            ExposedSample? changed = null;
            if (bySeries.GetValueOrDefault(sample.Series)?.TryDequeue(out changed) == true)
                _changed++;
            else
                _missing++;
            ShowDifference(sample.ToString(), changed?.ToString());
        }

        foreach (var sample in bySeries.Values.SelectMany(series => series))
        {
            _unexpected++;
            ShowDifference(null, sample.ToString());
        }
    }

    /// <summary>The samples of either side that have none with the same meaning on the other side.</summary>
    private static (List<ExposedSample> Expected, List<ExposedSample> Collected) Unmatched(
        List<ExposedSample> expected, List<ExposedSample> collected)
    {
        var unmatched = collected.GroupBy(sample => sample.Meaning)
            .ToDictionary(same => same.Key, same => new Queue<ExposedSample>(same));
        var missing = expected.FindAll(
            sample => unmatched.GetValueOrDefault(sample.Meaning)?.TryDequeue(out _) != true);
        var left = unmatched.Values.SelectMany(same => same).ToHashSet(ReferenceEqualityComparer.Instance);
        return (missing, collected.FindAll(left.Contains));
    }

    private void ShowDifference(string? expected, string? collected)
    {
        _differing++;
        if (expected is not null)
            Show("- " + expected);
        if (collected is not null)
            Show("+ " + collected);
    }

    private void Show(string line)
    {
        if (_differing <= MostDifferences)
            _shown.Append('\n').Append(VisibleText.Of(line));
    }

    private string Describe(bool nothingExpected, bool nothingCollected)
    {
        string[] counts =
        [
            .. new[]
            {
                (_metadata, "line of metadata"), (_changed, "changed sample"), (_missing, "missing sample"),
                (_unexpected, "unexpected sample"),
            }.Where(count => count.Item1 > 0).Select(count => Counted(count.Item1, count.Item2)),
        ];
        var start = nothingExpected ? "Metrics were collected, but the expected text has none"
            : nothingCollected ? "No metrics were collected, but some were expected"
            : "The metrics are not as expected";
        var end = _differing > MostDifferences ? $"\n... and {_differing - MostDifferences} more differences" : "";
        return $"{start}: {string.Join(", ", counts)} (- expected, + collected)\n{_shown}{end}\n";
    }

    private static string Counted(int count, string what) =>
        $"{count} {(count == 1 ? what : what.Replace("line", "lines").Replace("sample", "samples"))}";
}
