using Orchestrator.Metrics.Relational.SqlMetrics;

namespace Orchestrator.Metrics;

/// <summary>
/// Defines the metric families that queries return. Created by <see cref="SqlMetricsExtensions.AddSqlMetrics"/>. Not
/// thread-safe.
/// </summary>
public sealed class SqlMetricsBuilder
{
    private readonly List<SqlMetricFamily> _families = [];

    internal SqlMetricsBuilder(string query)
        : this(query, [])
    {
    }

    private SqlMetricsBuilder(string query, List<SqlMetricsQuery> queries)
    {
        Queries = queries;
        queries.Add(new SqlMetricsQuery(query, _families));
    }

    // Shared by the builders of all queries of a collector.
    internal List<SqlMetricsQuery> Queries { get; }

    /// <summary>Adds a gauge.</summary>
    /// <param name="name">The name, for example <c>acme_ports</c>.</param>
    /// <param name="help">The help text: one sentence that describes what the family measures.</param>
    /// <param name="value">The column of the value.</param>
    /// <param name="labels">The label names, which are also the names of their columns. Null for none.</param>
    /// <exception cref="ArgumentException">
    /// A name is invalid, or the family differs from an earlier one with the same name.
    /// </exception>
    public SqlMetricsBuilder Gauge(string name, string help, string value, IReadOnlyList<string>? labels = null) =>
        Add(MetricType.Gauge, name, help, value, labels);

    /// <summary>Adds a counter. The suffix <c>_total</c> of its name is implied.</summary>
    /// <inheritdoc cref="Gauge"/>
    public SqlMetricsBuilder Counter(string name, string help, string value, IReadOnlyList<string>? labels = null) =>
        Add(MetricType.Counter, name, help, value, labels);

    /// <summary>Adds a histogram. Each row of the query is one histogram.</summary>
    /// <param name="name">The name, for example <c>acme_order_seconds</c>.</param>
    /// <param name="help">The help text: one sentence that describes what the family measures.</param>
    /// <param name="buckets">
    /// The columns of the buckets by upper bound, see <see cref="SqlMetricFamily.Buckets"/>: for example
    /// <c>count(*) FILTER (WHERE seconds &lt;= 60) AS minute</c> for the bound 60, and <c>count(*)</c> for
    /// <see cref="double.PositiveInfinity"/>.
    /// </param>
    /// <param name="sum">The column of the sum of the observations. Null writes neither sum nor count.</param>
    /// <param name="labels">The label names, which are also the names of their columns. Null for none.</param>
    /// <exception cref="ArgumentException">
    /// A name is invalid, the family differs from an earlier one with the same name, or no bucket has the bound +Inf.
    /// </exception>
    public SqlMetricsBuilder Histogram(
        string name, string help, IReadOnlyDictionary<double, string> buckets, string? sum = null,
        IReadOnlyList<string>? labels = null)
    {
        ArgumentNullException.ThrowIfNull(buckets);
        return Add(new SqlMetricFamily
        {
            Type = MetricType.Histogram,
            Name = name,
            Help = help,
            Labels = labels ?? [],
            Buckets = buckets,
            Sum = sum,
        });
    }

    /// <summary>
    /// Adds a family with any options of <see cref="SqlMetricFamily"/>. Families with the same name, type, help text
    /// and unit are merged; their labels may differ.
    /// </summary>
    /// <param name="family">The family.</param>
    /// <exception cref="ArgumentException">
    /// A name is invalid, the properties of the family contradict each other, or they differ from those of an earlier
    /// family with the same name.
    /// </exception>
    public SqlMetricsBuilder Add(SqlMetricFamily family)
    {
        ArgumentNullException.ThrowIfNull(family);
        SqlMetricFamilyRules.Validate(family);
        var name = SqlMetricFamilyRules.GetFamilyName(family);
        var earlier = Queries.SelectMany(query => query.Families)
            .FirstOrDefault(other => SqlMetricFamilyRules.GetFamilyName(other) == name);
        if (earlier is not null && SqlMetricFamilyRules.DescribeDifference(earlier, family) is { } difference)
            throw new ArgumentException(
                $"Metric family '{name}' is added twice, with the {difference}. Rename one of them, or make them " +
                "equal.",
                nameof(family));
        _families.Add(family);
        return this;
    }

    /// <summary>
    /// Adds another query to the collector. The queries run one after the other in one transaction, so on PostgreSQL
    /// and SQLite they read one snapshot of the database.
    /// </summary>
    /// <param name="query">The query. Its columns are found by name.</param>
    /// <param name="define">Defines the families of the query. Called once, immediately.</param>
    /// <exception cref="ArgumentException">The query is empty, or no family is defined.</exception>
    public SqlMetricsBuilder AddQuery(string query, Action<SqlMetricsBuilder> define)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        ArgumentNullException.ThrowIfNull(define);
        var builder = new SqlMetricsBuilder(query, Queries);
        define(builder);
        builder.RequireFamilies(nameof(define));
        return this;
    }

    internal void RequireFamilies(string parameter)
    {
        if (_families.Count == 0)
            throw new ArgumentException(
                "The query defines no metric family. Add one: metrics => metrics.Gauge(...).", parameter);
    }

    private SqlMetricsBuilder Add(
        MetricType type, string name, string help, string value, IReadOnlyList<string>? labels)
    {
        ArgumentNullException.ThrowIfNull(value);
        return Add(new SqlMetricFamily
        {
            Type = type,
            Name = name,
            Help = help,
            Labels = labels ?? [],
            Values = [value],
        });
    }
}
