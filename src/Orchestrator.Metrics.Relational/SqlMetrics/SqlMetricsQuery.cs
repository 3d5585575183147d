namespace Orchestrator.Metrics.Relational.SqlMetrics;

/// <summary>A query and the metric families that are created from its rows.</summary>
internal sealed record SqlMetricsQuery(string Sql, IReadOnlyList<SqlMetricFamily> Families);
