namespace Orchestrator.Metrics;

/// <summary>How the repositories read the database. Read once, at start-up.</summary>
public sealed class RelationalOptions
{
    /// <summary>
    /// The SQL of the database. Null, the default: found from the type of the connections,
    /// <see cref="SqlDialect.PostgreSql"/> for Npgsql and <see cref="SqlDialect.Sqlite"/> for Microsoft.Data.Sqlite.
    /// </summary>
    public SqlDialect? Dialect { get; set; }

    /// <summary>
    /// Whether PostgreSQL may use parallel workers for the query of processes. They make it about one and a half times
    /// as fast and keep that many processes of the server busy meanwhile. On by default, as in the server.
    /// </summary>
    public bool ParallelQuery { get; set; } = true;

    /// <summary>
    /// Whether the collectors that one scrape starts read from one state of the database, which costs a connection
    /// more while it runs. Without it, the default, each collector reads from one state of its own, and those lie
    /// milliseconds apart: a process may be counted as running by one and as completed by another. A result that comes
    /// from a cache or from a run that another scrape started is from its own state either way. PostgreSQL only.
    /// The pool needs a connection for each scrape that may run at the same time, which
    /// <c>MetricsEndpointOptions.MaxConcurrentScrapes</c> can limit, and one more. With fewer, scrapes that
    /// overlap may keep each other waiting until their deadline.
    /// </summary>
    public bool SharedSnapshot { get; set; }

    /// <summary>
    /// The host's own count of running processes, in place of the number of rows with the status <c>running</c>. A
    /// process that waits for a locked engine keeps that status, so that only the host's count gets an engine from
    /// PAUSING to PAUSED. Called in the service scope of the run.
    /// </summary>
    public Func<IServiceProvider, CancellationToken, Task<long>>? RunningProcesses { get; set; }
}
