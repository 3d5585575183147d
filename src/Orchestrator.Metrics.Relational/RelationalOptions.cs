namespace Orchestrator.Metrics;

/// <summary>
/// Options of a database and of the repositories that read it. Read once, when the host starts. Values of the
/// configuration section <c>OrchestratorMetrics:Relational</c>, with the keys <c>ParallelQuery</c> and
/// <c>SharedSnapshot</c>, override values set in code. The section of a named database is
/// <c>OrchestratorMetrics:Relational:Databases:&lt;name&gt;</c>.
/// </summary>
public sealed class RelationalOptions
{
    /// <summary>
    /// The SQL dialect of the database. If null, the default, the type of the connections determines it:
    /// <see cref="SqlDialect.PostgreSql"/> for Npgsql and <see cref="SqlDialect.Sqlite"/> for Microsoft.Data.Sqlite.
    /// </summary>
    public SqlDialect? Dialect { get; set; }

    /// <summary>
    /// Whether PostgreSQL may use parallel workers for the query that counts processes. They make the query about 1.5
    /// times as fast, and occupy additional server processes. True by default, as in PostgreSQL.
    /// </summary>
    public bool ParallelQuery { get; set; } = true;

    /// <summary>
    /// Whether the collectors that one scrape starts read from one snapshot of the database. PostgreSQL only. False by
    /// default: each collector reads a separate snapshot. These are milliseconds apart, so one collector may count a
    /// process as running and another may count it as completed.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A dedicated connection keeps the snapshot open while the scrape runs. The connection pool needs one connection
    /// for each scrape in flight, and one more. <c>MetricsEndpointOptions.MaxConcurrentScrapes</c> limits the scrapes
    /// in flight. With fewer connections, overlapping scrapes may block each other until they time out. All connections
    /// must reach the same server, because other servers do not have the snapshot. Do not use this option with load
    /// balancing, such as <c>Load Balance Hosts</c> of Npgsql.
    /// </para>
    /// <para>
    /// The server drops the snapshot one second after the timeout of the first collector of the scrape. A collector
    /// with a longer timeout fails if it begins to read later. Cached results, results of a background refresh, and
    /// results of a run that another scrape started come from another snapshot. Reads in a background refresh, and
    /// reads outside a run of a collector, share no snapshot.
    /// </para>
    /// </remarks>
    public bool SharedSnapshot { get; set; }

    /// <summary>
    /// Returns the host's own count of running processes. Called once per run, with the service provider of its scope.
    /// If null, the default, the rows with the status <c>running</c> are counted. That count is an approximation: a
    /// paused engine and a killed worker leave such rows behind, so the engine status may stay PAUSING and not reach
    /// PAUSED.
    /// </summary>
    public Func<IServiceProvider, CancellationToken, Task<long>>? RunningProcesses { get; set; }
}
