namespace Orchestrator.Metrics.Relational.SqlMetrics;

/// <summary>A query and the metric families that its rows become.</summary>
internal sealed record SqlMetricsQuery(string Sql, IReadOnlyList<SqlMetricFamily> Families);
