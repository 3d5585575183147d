using Orchestrator.Metrics.Relational.SqlMetrics;

namespace Orchestrator.Metrics;

/// <summary>
/// Defines the metric families that a query returns. <see cref="SqlMetricsExtensions.AddSqlMetrics"/> creates it. Not
/// thread-safe.
/// </summary>
public sealed class SqlMetricsBuilder
{
    private readonly List<SqlMetricFamily> _families = [];

    internal SqlMetricsBuilder()
    {
    }

    internal IReadOnlyList<SqlMetricFamily> Families => _families;

    /// <summary>Adds a gauge.</summary>
    /// <param name="name">The name, for example <c>acme_ports</c>.</param>
    /// <param name="help">The help text: one sentence that describes what the family measures.</param>
    /// <param name="value">The column of the value.</param>
    /// <param name="labels">The labels, which are also the names of their columns. Null for none.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">A name is invalid or occurs twice.</exception>
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
    /// <param name="labels">The labels, which are also the names of their columns. Null for none.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">
    /// A name is invalid or occurs twice, or no bucket has the bound +Inf.
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

    /// <summary>Adds a family with any of the options of <see cref="SqlMetricFamily"/>.</summary>
    /// <param name="family">The family.</param>
    /// <returns>This builder.</returns>
    /// <exception cref="ArgumentException">
    /// A name is invalid or occurs twice, or the properties of the family contradict each other.
    /// </exception>
    public SqlMetricsBuilder Add(SqlMetricFamily family)
    {
        ArgumentNullException.ThrowIfNull(family);
        SqlMetricFamilyRules.Validate(family);
        var name = SqlMetricFamilyRules.FamilyName(family);
        if (_families.Exists(other => SqlMetricFamilyRules.FamilyName(other) == name))
            throw new ArgumentException(
                $"Metric family '{name}' occurs twice. Rename one of them, or add it once, with several Values.",
                nameof(family));
        _families.Add(family);
        return this;
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
