using System.Globalization;

namespace Orchestrator.Metrics.Relational.SqlMetrics;

internal static class SqlMetricFamilyRules
{
    private const string Total = "_total";

    /// <summary>
    /// Returns whether the samples of a counter have a name that <see cref="MetricFamily"/> does not allow, because it
    /// lacks the suffix <c>_total</c>.
    /// </summary>
    public static bool IsForeignCounter(SqlMetricFamily family) =>
        family is { KeepsName: true, Type: MetricType.Counter }
        && !family.Name.EndsWith(Total, StringComparison.Ordinal);

    /// <summary>
    /// Describes the difference that prevents the merging of two families with the same name, such as <c>types Gauge
    /// and Counter</c>. Returns null if there is none.
    /// </summary>
    public static string? DescribeDifference(SqlMetricFamily first, SqlMetricFamily second) =>
        first.Type != second.Type ? $"types {first.Type} and {second.Type}"
        : first.Help != second.Help ? $"help texts '{first.Help}' and '{second.Help}'"
        : first.Unit != second.Unit ? $"units '{first.Unit}' and '{second.Unit}'"
        : IsForeignCounter(first) != IsForeignCounter(second) ? "sample names with and without the suffix '_total'"
        : null;

    public static string GetFamilyName(SqlMetricFamily family) =>
        IsForeignCounter(family) ? family.Name : Create(family).Name;

    /// <summary>Returns everything that determines the result of a query, as text.</summary>
    public static string Describe(SqlMetricsQuery query) =>
        string.Join('\0', [query.Sql, .. query.Families.SelectMany(Describe)]);

    private static IEnumerable<string?> Describe(SqlMetricFamily family) =>
    [
        $"{family.Type}", family.Name, family.Help, family.Unit, $"{family.KeepsName}", family.Sum, family.Timestamp,
        family.ConstantValue?.ToString("R", CultureInfo.InvariantCulture), family.ValueLabel, "labels", .. family.Labels,
        "constants", .. family.ConstantLabels.SelectMany(label => new[] { label.Key, label.Value }),
        "values", .. family.Values,
        .. family.Buckets.SelectMany(
            bucket => new[] { bucket.Key.ToString("R", CultureInfo.InvariantCulture), bucket.Value }),
    ];

    public static string[] GetLabelNames(SqlMetricFamily family) =>
    [
        .. family.ConstantLabels.Keys,
        .. family.Labels,
        .. family.ValueLabel is { } label ? [label] : Array.Empty<string>(),
    ];

    public static MetricFamily Create(SqlMetricFamily family) =>
        MetricFamily.Create(family.Type, family.Name, family.Help, GetLabelNames(family), family.Unit);

    public static MetricFamilyBuilder CreateBuilder(SqlMetricFamily family) => new(
        family.Type, GetSampleName(family), family.Help, family.Unit);

    // The family of a counter without samples is written with this name.
    private static string GetSampleName(SqlMetricFamily family) =>
        IsForeignCounter(family) || family.Type != MetricType.Counter
            ? GetFamilyName(family)
            : GetFamilyName(family) + Total;

    public static void Validate(SqlMetricFamily family)
    {
        _ = Create(family);
        if (IsForeignCounter(family))
            _ = CreateBuilder(family);
        if (family.Type is MetricType.Histogram or MetricType.GaugeHistogram)
            RequireBuckets(family);
        else if (family.Type is MetricType.Gauge or MetricType.Counter or MetricType.Unknown)
            RequireValues(family);
        else
            throw CreateException(
                family, $"is of type {family.Type}. Use Gauge, Counter, Unknown, Histogram or GaugeHistogram");
        if (family.ConstantLabels.FirstOrDefault(label => label.Value is null).Key is { } missing)
            throw CreateException(
                family, $"has no value for the constant label '{missing}'. Pass a string; it may be empty");
        if (GetColumns(family).Any(string.IsNullOrEmpty))
            throw CreateException(family, "has a column without a name. Name it");
    }

    private static IEnumerable<string> GetColumns(SqlMetricFamily family) =>
    [
        .. family.Values, .. family.Buckets.Values,
        .. new[] { family.Sum, family.Timestamp }.OfType<string>(),
    ];

    private static void RequireValues(SqlMetricFamily family)
    {
        if (family.Buckets.Count > 0 || family.Sum is not null)
            throw CreateException(family, $"is of type {family.Type}, which takes no buckets. Use Values");
        if ((family.Values.Count == 0) == (family.ConstantValue is null))
            throw CreateException(family, "needs either Values or a ConstantValue");
        if (family.Values.Count > 1 && family.ValueLabel is null)
            throw CreateException(family, "has several Values. Set ValueLabel, the label for the name of the column");
        if (family.Values.Count == 0 && family.ValueLabel is not null)
            throw CreateException(family, "has a ValueLabel but no Values. Remove it, or use a constant label");
        if (family.Values.Distinct().Count() < family.Values.Count)
            throw CreateException(family, "contains a column twice in Values. Remove one of them");
    }

    private static void RequireBuckets(SqlMetricFamily family)
    {
        if (family.Values.Count > 0 || family.ConstantValue is not null || family.ValueLabel is not null)
            throw CreateException(family, $"is of type {family.Type}, which takes no values. Use Buckets and Sum");
        if (!family.Buckets.ContainsKey(double.PositiveInfinity))
            throw CreateException(
                family, "has no bucket with the bound double.PositiveInfinity, which counts all observations. Add it");
        if (family.Buckets.Keys.Any(double.IsNaN))
            throw CreateException(family, "has a bucket with the bound NaN. Remove it");
    }

    private static ArgumentException CreateException(SqlMetricFamily family, string problem) =>
        new($"Metric family '{family.Name}' {problem}.", nameof(family));
}
