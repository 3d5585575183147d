using System.Data.Common;

namespace Orchestrator.Metrics.Relational.Dialects;

/// <summary>
/// The schema of orchestrator-core: labels, conditions, and the queries that PostgreSQL and SQLite share. Also
/// recognizes unsupported versions.
/// </summary>
internal static class OrchestratorCoreSchema
{
    public const string RunningProcessesQuery = "SELECT count(*) AS count FROM processes WHERE last_status = 'running'";

    // Two rows suffice to detect that there is more than one.
    public const string EngineSettingsQuery = "SELECT global_lock FROM engine_settings LIMIT 2";

    /// <summary>
    /// The condition for unfinished processes. They include failed processes, which must be retried or aborted.
    /// </summary>
    public const string Unfinished = "NOT IN ('completed', 'aborted')";

    /// <summary>
    /// The condition for ended processes. They include failed processes, which may still be retried.
    /// </summary>
    public const string HasEnded =
        "r.last_status IN ('completed', 'aborted', 'failed', 'api_unavailable', 'inconsistent_data')";

    private const string UndefinedColumn = "42703";
    private const string NoSuchColumn = "no such column";

    private const string JoinProducts = "JOIN products p ON p.product_id = g.product_id";
    private const string JoinWorkflows = "JOIN workflows w ON w.workflow_id = g.workflow_id";

    private static readonly LabelColumn[] SubscriptionLabels =
    [
        new("product_name", "p.name", "product_id", "product_id", JoinProducts),
        new("lifecycle_state", "g.status", "status", "status"),
        new("customer_id", "g.customer_id", "customer_id", "customer_id"),
        new("insync", "g.insync", "insync", "insync"),
    ];

    private static readonly LabelColumn[] ProcessLabels =
    [
        new("last_status", "g.last_status", "last_status", "r.last_status"),
        new("created_by", "g.created_by", "created_by", "coalesce(r.created_by, 'None')"),
        new("is_task", "g.is_task", "is_task", "r.is_task"),
        new("product_name", "p.name", "product_id", "s.product_id", JoinProducts),
        new("workflow_name", "w.name", "workflow_id", "r.workflow_id", JoinWorkflows),
        new("customer_id", "g.customer_id", "customer_id", "s.customer_id"),
        new("workflow_target", "w.target", "workflow_id", "r.workflow_id", JoinWorkflows),
    ];

    private static readonly LabelColumn[] StateLabels = Array.FindAll(
        ProcessLabels,
        column => column.Label is "last_status" or "is_task" or "workflow_name" or "workflow_target");

    public static Grouping GroupProcesses(IReadOnlyCollection<string> droppedLabels) =>
        new(ProcessLabels, droppedLabels);

    public static Grouping GroupByState(IReadOnlyCollection<string> droppedLabels) =>
        new(StateLabels, droppedLabels, alwaysKey: "last_status");

    public static Grouping GroupByStateAndBucket(IReadOnlyCollection<string> droppedLabels, string bucket) =>
        new([.. StateLabels, new("bucket", "g.bucket", "bucket", bucket)], droppedLabels);

    /// <summary>Converts a bound to whole microseconds, the resolution of times in the database.</summary>
    public static long ToMicroseconds(double seconds) => (long)((decimal)seconds * 1_000_000);

    /// <summary>Returns whether a query failed because the schema is older than orchestrator-core 2.0.1.</summary>
    public static bool LacksWorkflowId(DbException exception) =>
        (exception.SqlState == UndefinedColumn || exception.Message.Contains(NoSuchColumn, StringComparison.Ordinal))
        && exception.Message.Contains("workflow_id", StringComparison.Ordinal);

    public static UnsupportedSchemaException CreateException(string problem, Exception? cause = null) => new(
        $"The database needs orchestrator-core 2.0.1 or later: {problem}. Upgrade orchestrator-core and run its " +
        "migrations. For a schema of your own, use a SQL dialect with queries for it, and cast UUIDs to text.", cause);

    public static string BuildSubscriptionCountsQuery(IReadOnlyCollection<string> droppedLabels)
    {
        var grouping = new Grouping(SubscriptionLabels, droppedLabels);
        return $"""
            SELECT {grouping.Labels}g.count
            FROM (SELECT {grouping.Keys}count(*) AS count FROM subscriptions {grouping.GroupBy}) g
            {grouping.Joins}
            WHERE g.count > 0
            """;
    }

    /// <summary>A label, its value, and the key that the rows are grouped by.</summary>
    internal sealed record LabelColumn(string Label, string Value, string Key, string KeyValue, string Join = "");

    /// <summary>
    /// The parts of a query that depend on its labels. Rows are grouped by ID, and only the groups are joined to the
    /// names. This is faster than grouping by name, and returns the same result because names are unique.
    /// </summary>
    internal sealed class Grouping
    {
        // Rows are grouped by the label alwaysKey even if it is dropped.
        public Grouping(
            LabelColumn[] columns, IReadOnlyCollection<string> droppedLabels, string? alwaysKey = null)
        {
            LabelColumn[] kept = [.. columns.Where(column => !droppedLabels.Contains(column.Label))];
            LabelColumn[] keys = [.. columns.Where(column => kept.Contains(column) || column.Label == alwaysKey)
                .DistinctBy(column => column.Key)];
            Labels = string.Concat(kept.Select(column => $"{column.Value} AS {column.Label}, "));
            Keys = string.Concat(keys.Select(column => $"{column.Key}, "));
            KeyValues = string.Concat(keys.Select(column => $"{column.KeyValue} AS {column.Key}, "));
            GroupBy = keys.Length > 0 ? "GROUP BY " + string.Join(", ", Enumerable.Range(1, keys.Length)) : "";
            Joins = string.Join(' ', kept.Select(column => column.Join).Distinct());
        }

        public string Labels { get; }

        public string Keys { get; }

        public string KeyValues { get; }

        public string GroupBy { get; }

        public string Joins { get; }
    }
}
