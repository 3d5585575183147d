namespace Orchestrator.Metrics;

/// <summary>Queries that every SQL database understands.</summary>
internal static class CommonQueries
{
    // Grouped by id and then joined, which is the same, since names are unique.
    public const string SubscriptionCounts = """
        SELECT p.name, g.status, g.customer_id, g.insync, g.n
        FROM (SELECT product_id, status, customer_id, insync, count(*) AS n
              FROM subscriptions
              GROUP BY product_id, status, customer_id, insync) g
        JOIN products p ON p.product_id = g.product_id
        """;

    public const string RunningProcesses = "SELECT count(*) FROM processes WHERE last_status = 'running'";

    // Three rows are enough to tell one from several.
    public const string EngineSettings = "SELECT global_lock FROM engine_settings LIMIT 3";
}
