namespace Orchestrator.Metrics.Tests.Operational;

/// <summary>The SQL dialects with the database clock fixed at <see cref="OperationalRows.Now"/>.</summary>
internal static class OperationalClock
{
    public static SqlDialect PostgreSql =>
        ReplaceClock(SqlDialect.PostgreSql, "now()", "timestamptz '2026-01-01 00:00:00+00'");

    public static SqlDialect Sqlite => ReplaceClock(SqlDialect.Sqlite, "'now'", "'2026-01-01 00:00:00'");

    private static SqlDialect ReplaceClock(SqlDialect dialect, string clock, string time) => new(dialect)
    {
        EndedProcessesQuery = (window, bounds, dropped) =>
        {
            var query = dialect.EndedProcessesQuery!(window, bounds, dropped);
            Assert.That(query, Does.Contain(clock));
            return query.Replace(clock, time, StringComparison.Ordinal);
        },
    };
}
