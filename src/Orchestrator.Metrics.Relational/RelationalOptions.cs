namespace Orchestrator.Metrics;

/// <summary>
/// Options of a database, and of the repositories that read it. Read once, at the first scrape. Values of the
/// configuration section <c>OrchestratorMetrics:Relational</c>, with the keys <c>ParallelQuery</c> and
/// <c>SharedSnapshot</c>, override values set in code. The section of a named database is
/// <c>OrchestratorMetrics:Relational:Databases:&lt;name&gt;</c>.
/// </summary>
public sealed class RelationalOptions
{
    /// <summary>
    /// The SQL of the database. Null, the default, chooses by the type of the connections:
    /// <see cref="SqlDialect.PostgreSql"/> for Npgsql and <see cref="SqlDialect.Sqlite"/> for Microsoft.Data.Sqlite.
    /// </summary>
    public SqlDialect? Dialect { get; set; }

    /// <summary>
    /// Whether PostgreSQL may use parallel workers for the query that counts processes. The query is then about one and
    /// a half times as fast, and occupies additional processes of the server. True by default, as in PostgreSQL.
    /// </summary>
    public bool ParallelQuery { get; set; } = true;

    /// <summary>
    /// Whether the collectors that one scrape starts read from one snapshot of the database. PostgreSQL only. False by
    /// default: each collector reads from a separate snapshot, milliseconds apart, so one may count a process as
    /// running and another as completed.
    /// </summary>
    /// <remarks>
    /// <para>
    /// A dedicated connection keeps the snapshot while the scrape runs. The connection pool needs one connection for
    /// each scrape in flight, which <c>MetricsEndpointOptions.MaxConcurrentScrapes</c> limits, and one more. With
    /// fewer, overlapping scrapes may block each other until they time out.
    /// </para>
    /// <para>
    /// The server drops the snapshot a second after the first collector of the scrape would have timed out. A collector
    /// with a longer timeout that begins to read later fails. Cached results, those of a background refresh, and those
    /// of a run that another scrape started come from another snapshot.
    /// </para>
    /// </remarks>
    public bool SharedSnapshot { get; set; }

    /// <summary>
    /// Returns the number of running processes from the host. Null, the default, counts the rows with the status
    /// <c>running</c>. That is an approximation: a paused engine and a killed worker leave such rows behind, so the
    /// engine status changes from PAUSING to PAUSED only with the number from the host. Called once per run, with the
    /// service provider of its scope.
    /// </summary>
    public Func<IServiceProvider, CancellationToken, Task<long>>? RunningProcesses { get; set; }
}
