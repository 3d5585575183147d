using System.Text;

namespace Orchestrator.Metrics.Testing;

internal sealed class Comparison
{
    private const int MaxDifferences = 20;

    private readonly StringBuilder _shown = new();
    private readonly HashSet<ComparedSample> _missing;
    private readonly HashSet<ComparedSample> _unexpected;
    private int _differences;
    private int _metadataCount;
    private int _changedCount;
    private int _missingCount;
    private int _unexpectedCount;

    private Comparison(ComparedFamily[] expected, ComparedFamily[] collected)
    {
        // Samples are matched across families. Otherwise, a sample whose family has another type or name would be shown
        // as two identical lines.
        var unmatched = collected.SelectMany(family => family.Samples).GroupBy(sample => sample.Key)
            .ToDictionary(same => same.Key, same => new Queue<ComparedSample>(same));
        _missing =
        [
            .. expected.SelectMany(family => family.Samples)
                .Where(sample => unmatched.GetValueOrDefault(sample.Key)?.TryDequeue(out _) != true),
        ];
        _unexpected = [.. unmatched.Values.SelectMany(same => same)];
    }

    public static string? DescribeDifferences(ComparedFamily[] expected, ComparedFamily[] collected)
    {
        var comparison = new Comparison(expected, collected);
        var remaining = collected.ToDictionary(family => family.Name);
        foreach (var family in expected)
        {
            remaining.Remove(family.Name, out var counterpart);
            comparison.Compare(family, counterpart);
        }

        foreach (var family in collected.Where(family => remaining.ContainsKey(family.Name)))
            comparison.Compare(null, family);
        return comparison._differences == 0 ? null : comparison.Describe(expected.Length == 0, collected.Length == 0);
    }

    private void Compare(ComparedFamily? expected, ComparedFamily? collected)
    {
        var metadata = (Expected: expected?.Metadata ?? [], Collected: collected?.Metadata ?? []);
        var missing = (expected?.Samples ?? []).Where(_missing.Contains).ToArray();
        var unexpected = (collected?.Samples ?? []).Where(_unexpected.Contains).ToArray();
        if (metadata.Expected.SequenceEqual(metadata.Collected) && missing.Length == 0 && unexpected.Length == 0)
            return;

        CompareMetadata(metadata.Expected, metadata.Collected);
        CompareSamples(missing, unexpected);
        var same = (expected ?? collected)!.Samples.Length - (expected is null ? unexpected : missing).Length;
        if (same > 0)
            Show($"  ... {FormatCount(same, "sample")} as expected");
    }

    private void CompareMetadata(
        (string Keyword, string Name, string Line)[] expected, (string Keyword, string Name, string Line)[] collected)
    {
        foreach (var (keyword, name) in expected.Concat(collected).Select(line => (line.Keyword, line.Name)).Distinct())
        {
            string? line = Array.Find(expected, line => (line.Keyword, line.Name) == (keyword, name)).Line;
            string? counterpart = Array.Find(collected, line => (line.Keyword, line.Name) == (keyword, name)).Line;
            if (line == counterpart)
            {
                Show("  " + line);
                continue;
            }

            _metadataCount++;
            ShowDifference(line, counterpart);
        }
    }

    private void CompareSamples(ComparedSample[] missing, ComparedSample[] unexpected)
    {
        var bySeries = unexpected.GroupBy(sample => sample.Series)
            .ToDictionary(series => series.Key, series => new Queue<ComparedSample>(series));
        foreach (var sample in missing)
        {
            ComparedSample? changed = null;
            if (bySeries.GetValueOrDefault(sample.Series)?.TryDequeue(out changed) == true)
                _changedCount++;
            else
                _missingCount++;
            ShowDifference(sample.Line, changed?.Line);
        }

        foreach (var sample in bySeries.Values.SelectMany(series => series))
        {
            _unexpectedCount++;
            ShowDifference(null, sample.Line);
        }
    }

    private void ShowDifference(string? expected, string? collected)
    {
        _differences++;
        if (expected is not null)
            Show("- " + expected);
        if (collected is not null)
            Show("+ " + collected);
    }

    private void Show(string line)
    {
        if (_differences <= MaxDifferences)
            _shown.Append('\n').Append(VisibleText.Escape(line));
    }

    private string Describe(bool nothingExpected, bool nothingCollected)
    {
        string[] counts =
        [
            .. new[]
            {
                (_metadataCount, "line of metadata"), (_changedCount, "changed sample"),
                (_missingCount, "missing sample"), (_unexpectedCount, "unexpected sample"),
            }.Where(count => count.Item1 > 0).Select(count => FormatCount(count.Item1, count.Item2)),
        ];
        var start = nothingExpected ? "Metrics were collected, but the expected text contains none"
            : nothingCollected ? "No metrics were collected, but some were expected"
            : "The metrics are not as expected";
        var end = _differences > MaxDifferences ? $"\n... further differences: {_differences - MaxDifferences}" : "";
        return $"{start}: {string.Join(", ", counts)} (- expected, + collected)\n{_shown}{end}\n";
    }

    private static string FormatCount(int count, string what) =>
        $"{count} {(count == 1 ? what : what.Replace("line", "lines").Replace("sample", "samples"))}";
}
