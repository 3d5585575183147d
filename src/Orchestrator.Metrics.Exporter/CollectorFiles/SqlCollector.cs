namespace Orchestrator.Metrics.Exporter.CollectorFiles;

/// <summary>A collector from a collector file.</summary>
/// <param name="Name">The name of the collector.</param>
/// <param name="MinInterval">The duration for which a result is cached; zero turns caching off.</param>
/// <param name="Queries">The queries, at least one.</param>
internal sealed record SqlCollector(string Name, TimeSpan MinInterval, IReadOnlyList<SqlCollectorQuery> Queries)
{
    /// <summary>The metric families of all queries.</summary>
    public IEnumerable<SqlMetricFamily> Families => Queries.SelectMany(query => query.Families);
}

/// <summary>A query, and the metric families that are created from its rows.</summary>
internal sealed record SqlCollectorQuery(string Sql, IReadOnlyList<SqlMetricFamily> Families);
