namespace Orchestrator.Metrics.Tests.Operational;

/// <summary>Rows for operational metrics: random rows, and rows for the edge cases of the specification.</summary>
internal static class OperationalRows
{
    public static readonly DateTime Now = new(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly string[] Unfinished =
        ["running", "suspended", "waiting", "created", "awaiting_callback", "resumed"];

    private static readonly string[] Ended =
        ["completed", "aborted", "failed", "api_unavailable", "inconsistent_data"];

    private static readonly string[] Unknown = ["no such status", "", "None", "COMPLETED"];

    // The order of the two Japanese names differs between code points and UTF-16 code units.
    private static readonly StoredWorkflow[] Workflows =
    [
        new("create_port", "CREATE"), new("modify_port", "MODIFY"), new("check_port", "VALIDATE"),
        new("odd \"q\" \\ \n", "odd target"), new("タスク_🛠️", "SYSTEM"), new("タスク_\uFB01", "SYSTEM"), new("", ""),
    ];

    private static readonly string[] Statuses = [.. Unfinished, .. Ended, .. Unknown];

    /// <summary>Generates rows: some ended within an hour, a day or a week, some are open, and some are old.</summary>
    public static StoredProcess[] GenerateRandom(int seed, int count = 1_500)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            // Ages and run times from a microsecond to 37 days, spread evenly over the orders of magnitude.
            var changed = Now.AddTicks(-10 * (long)Math.Pow(10, random.NextDouble() * 12.5));
            var started = changed.AddTicks(-10 * (long)Math.Pow(10, random.NextDouble() * 12.5));
            return new StoredProcess(
                random.GetItems(Workflows, 1)[0], random.GetItems(Statuses, 1)[0], random.Next(3) == 0,
                StoredTime.Create(started), StoredTime.Create(changed));
        })];
    }

    public static IEnumerable<StoredProcess> BuildEdges(TimeSpan window, IEnumerable<double> upperBounds)
    {
        var rows = new List<StoredProcess>();
        var recently = StoredTime.Create(Now.AddMinutes(-1));
        var longAgo = StoredTime.Create(Now.AddDays(-400));
        StoredTime[] infinite = [StoredTime.Infinity, StoredTime.MinusInfinity];
        foreach (var status in Statuses)
        {
            Add("every status", status, longAgo, longAgo);
            Add("every status", status, longAgo, recently);
            foreach (var time in infinite)
            {
                Add("only infinite", status, time, time);
                Add("infinite start", status, time, recently);
                Add("infinite change", status, recently, time);
                Add("one finite", status, time, time);
            }

            Add("one finite", status, longAgo, recently);
            Add("future start", status, StoredTime.Create(Now.AddHours(1)), recently);
            Add("future change", status, recently, StoredTime.Create(Now.AddHours(1)));
            Add(
                "far future", status, StoredTime.Create(new DateTime(2999, 1, 1)),
                StoredTime.Create(new DateTime(2999, 1, 2)));
            Add("change before start", status, recently, StoredTime.Create(Now.AddSeconds(-90)));
            Add("first and last year", status, StoredTime.Earliest, recently);
            Add("first and last year", status, StoredTime.Latest, recently);
            Add("last year", status, StoredTime.Latest, StoredTime.Latest);
            Add("exact", status, StoredTime.Create(new DateTime(1700, 1, 1).AddTicks(10)), recently);
        }

        foreach (var microsecond in new[] { -1, 0, 1 })
        {
            Add("edges of the window", "completed", longAgo, StoredTime.Create(Now.AddMicroseconds(microsecond)));
            Add(
                "edges of the window", "failed", longAgo,
                StoredTime.Create((Now - window).AddMicroseconds(microsecond)));
            foreach (var bound in upperBounds)
                Add(
                    "edges of the buckets", "completed",
                    StoredTime.Create(Now.AddSeconds(-1).AddTicks(-(long)((decimal)bound * TimeSpan.TicksPerSecond))
                        .AddMicroseconds(-microsecond)),
                    StoredTime.Create(Now.AddSeconds(-1)));
        }

        return rows;

        void Add(string workflow, string status, StoredTime started, StoredTime changed) =>
            rows.Add(new(new(workflow, "MODIFY"), status, false, started, changed));
    }

    public static string BuildPostgreSql(IReadOnlyCollection<StoredProcess> rows)
    {
        var workflows = rows.Select(row => row.Workflow).Distinct().ToArray();
        return rows.Count == 0 ? "" : $"""
            INSERT INTO workflows (workflow_id, name, target, description, deleted_at) VALUES {Join(
                workflows,
                (w, i) => $"({FormatId(i)}, {Quote(w.Name)}, {Quote(w.Target)}, '', {(i == 0 ? "now()" : "NULL")})")};
            INSERT INTO processes (pid, workflow_id, last_status, is_task, started_at, last_modified_at) VALUES {Join(
                rows,
                (row, i) => $"({FormatId(i)}, {FormatId(Array.IndexOf(workflows, row.Workflow))}, " +
                $"{Quote(row.Status)}, {row.IsTask}, {Quote(row.Started.Text)}, {Quote(row.Changed.Text)})")};
            """;
    }

    public static string BuildSqlite(IReadOnlyCollection<StoredProcess> rows, Func<StoredTime, string> time)
    {
        var workflows = rows.Select(row => row.Workflow).Distinct().ToArray();
        return rows.Count == 0 ? "" : $"""
            INSERT INTO workflows (workflow_id, name, target) VALUES {Join(
                workflows, (w, i) => $"({FormatId(i)}, {Quote(w.Name)}, {Quote(w.Target)})")};
            INSERT INTO processes (pid, workflow_id, last_status, is_task, started_at, last_modified_at) VALUES {Join(
                rows,
                (row, i) => $"({FormatId(i)}, {FormatId(Array.IndexOf(workflows, row.Workflow))}, " +
                $"{Quote(row.Status)}, {row.IsTask}, {time(row.Started)}, {time(row.Changed)})")};
            """;
    }

    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string FormatId(int i) => FormattableString.Invariant($"'00000000-0000-0000-0000-{i:D12}'");

    private static string Join<T>(IEnumerable<T> items, Func<T, int, string> sql) => string.Join(", ", items.Select(sql));
}
