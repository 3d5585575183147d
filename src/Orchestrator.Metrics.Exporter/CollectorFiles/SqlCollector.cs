namespace Orchestrator.Metrics.Exporter.CollectorFiles;

/// <summary>A <c>min_interval</c> of zero turns caching off. There is at least one query.</summary>
internal sealed record SqlCollector(string Name, TimeSpan MinInterval, IReadOnlyList<SqlCollectorQuery> Queries)
{
    public IEnumerable<SqlMetricFamily> Families => Queries.SelectMany(query => query.Families);
}

internal sealed record SqlCollectorQuery(string Sql, IReadOnlyList<SqlMetricFamily> Families);
