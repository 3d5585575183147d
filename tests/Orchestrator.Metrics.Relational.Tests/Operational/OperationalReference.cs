using System.Globalization;
using System.Text;

namespace Orchestrator.Metrics.Tests.Operational;

/// <summary>
/// Computes the exposition that the specification requires, row by row, without code of the library and without SQL.
/// </summary>
internal static class OperationalReference
{
    private const decimal Million = 1_000_000;
    private const string Recent = "wfo_process_recent_duration_seconds";

    private static readonly string[] NotOpen = ["completed", "aborted"];

    private static readonly string[] Ended =
        ["completed", "aborted", "failed", "api_unavailable", "inconsistent_data"];

    public static string Compute(
        IReadOnlyCollection<StoredProcess> rows, TimeSpan window, double[] upperBounds, bool openMetrics)
    {
        var text = new StringBuilder();
        var groups = rows.GroupBy(row => (row.IsTask, row.Status, row.Workflow)).OrderBy(
            group => string.Join(
                '\0', group.Key.IsTask, group.Key.Status, group.Key.Workflow.Name, group.Key.Workflow.Target),
            Comparer<string>.Create(CompareUtf8)).ToArray();

        AppendHeader(
            "wfo_processes", "Number of processes per status, workflow, and target, with and without subscriptions.",
            "gauge");
        foreach (var group in groups)
            AppendSample("wfo_processes", group.First(), group.Count());
        AppendOldest("start", "earliest start", row => row.Started);
        AppendOldest("change", "least recent change", row => row.Changed);
        AppendRecentDurations();
        return text.Append(openMetrics ? "# EOF\n" : "").ToString();

        void AppendOldest(string what, string phrase, Func<StoredProcess, StoredTime> time)
        {
            var name = $"wfo_process_oldest_{what}_timestamp_seconds";
            AppendHeader(
                name, $"Unix timestamp of the {phrase} of a process that is neither completed nor aborted.", "gauge");
            foreach (var group in groups)
            {
                if (!NotOpen.Contains(group.Key.Status) && group.Min(row => time(row).Microseconds) is { } oldest)
                    AppendSample(name, group.First(), oldest / Million);
            }
        }

        void AppendRecentDurations()
        {
            var now = (OperationalRows.Now - DateTime.UnixEpoch).Ticks / 10m;
            var since = now - window.Ticks / 10m;
            var help =
                $"Time from start to last change of the processes that ended in the last {window.TotalSeconds} seconds.";
            var recent = groups.Select(group => (Labels: group.First(), Durations: group
                .Where(row => Ended.Contains(row.Status) && row.Started.Microseconds is not null
                    && row.Changed.Microseconds > since && row.Changed.Microseconds <= now)
                .Select(row => Math.Max(row.Changed.Microseconds!.Value - row.Started.Microseconds!.Value, 0)).ToArray()))
                .Where(group => group.Durations.Length > 0).ToArray();
            AppendHeader(Recent, help, openMetrics ? "gaugehistogram" : "histogram");
            foreach (var (labels, durations) in recent)
            {
                foreach (var bound in upperBounds)
                    AppendSample(
                        $"{Recent}_bucket", labels, durations.Count(d => d <= (decimal)bound * Million),
                        FormatNumber(bound));
                AppendSample($"{Recent}_bucket", labels, durations.Length, "+Inf");
                if (openMetrics)
                    AppendTotals(labels, durations);
            }

            // Text 0.0.4 does not support gauge histograms, so prometheus_client writes the totals as two gauges.
            if (openMetrics || recent.Length == 0)
                return;
            AppendHeader($"{Recent}_gcount", help, "gauge");
            foreach (var (labels, durations) in recent)
                AppendSample($"{Recent}_gcount", labels, durations.Length);
            AppendHeader($"{Recent}_gsum", help, "gauge");
            foreach (var (labels, durations) in recent)
                AppendSample($"{Recent}_gsum", labels, durations.Sum() / Million);
        }

        void AppendTotals(StoredProcess labels, decimal[] durations)
        {
            AppendSample($"{Recent}_gcount", labels, durations.Length);
            AppendSample($"{Recent}_gsum", labels, durations.Sum() / Million);
        }

        void AppendHeader(string name, string help, string type)
        {
            text.Append(null, $"# HELP {name} {help}\n# TYPE {name} {type}\n");
            if (openMetrics && name.EndsWith("_seconds", StringComparison.Ordinal))
                text.Append(null, $"# UNIT {name} seconds\n");
        }

        void AppendSample(string name, StoredProcess row, decimal value, string? le = null)
        {
            var number = double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
            text.Append(
                null,
                $"{name}{{is_task=\"{(row.IsTask ? "True" : "False")}\",last_status=\"{Escape(row.Status)}\",{(
                    le is null ? "" : $"le=\"{le}\",")}workflow_name=\"{Escape(row.Workflow.Name)}\",workflow_target=\"{Escape(row.Workflow.Target)}\"}} {FormatNumber(number)}\n");
        }
    }

    /// <summary>
    /// Formats a number as prometheus_client does: like Python's <c>repr</c>, but from 10^6 on with an exponent, as in
    /// <c>1.5e+06</c>.
    /// </summary>
    private static string FormatNumber(double value)
    {
        // The shortest digits that round-trip. .NET writes d.dddE+NNN.
        var scientific = Enumerable.Range(0, 17).Select(digits => value.ToString($"E{digits}", CultureInfo.InvariantCulture))
            .First(candidate => double.Parse(candidate, CultureInfo.InvariantCulture) == value);
        var exponent = int.Parse(scientific[(scientific.IndexOf('E') + 1)..], CultureInfo.InvariantCulture);
        var mantissa = scientific[..scientific.IndexOf('E')];
        if (value > 0 && exponent >= 6)
            return $"{mantissa}e+{exponent:D2}";
        if (value != 0 && exponent < -4)
            return $"{mantissa}e-{-exponent:D2}";
        var plain = decimal.Parse(scientific, NumberStyles.Float, CultureInfo.InvariantCulture)
            .ToString("0.0#####################", CultureInfo.InvariantCulture);
        return plain;
    }

    private static string Escape(string text) => text.Replace("\\", "\\\\").Replace("\n", "\\n").Replace("\"", "\\\"");

    // The order of UTF-8 bytes is the order of code points.
    private static int CompareUtf8(string? x, string? y) =>
        Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
}
