namespace Orchestrator.Metrics.Exporter.CollectorFiles;

// A min_interval of zero turns caching off. There is at least one query.
internal sealed record SqlCollector(string Name, TimeSpan MinInterval, IReadOnlyList<SqlCollectorQuery> Queries)
{
    public IEnumerable<SqlMetricFamily> Families => Queries.SelectMany(query => query.Families);
}

internal sealed record SqlCollectorQuery(string Sql, IReadOnlyList<SqlMetricFamily> Families);
