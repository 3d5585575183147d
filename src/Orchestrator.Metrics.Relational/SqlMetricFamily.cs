namespace Orchestrator.Metrics;

/// <summary>
/// Defines how the rows of a query become a metric family: the columns of its labels and values. Immutable and
/// thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// Columns are found by name. If no name matches exactly, case is ignored. Other columns are ignored.
/// </para>
/// <para>
/// A label may have any type with a text form. Strings and enums are unchanged, and Booleans are <c>true</c> or
/// <c>false</c>. Numbers use a decimal point and their shortest form (a <c>numeric</c> keeps its trailing zeros). UUIDs
/// are in lower case, dates and times in ISO 8601 (<c>2026-11-25</c>, <c>2026-11-25T09:30:00Z</c>), durations in the
/// form <c>[d.]hh:mm:ss</c>, and bytes in hexadecimal. NULL becomes an empty string.
/// </para>
/// <para>
/// A value may be a number of any type or a string that contains a number. A Boolean becomes 0 or 1, an interval its
/// length in seconds, and a time the seconds since the Unix epoch. NULL adds no sample.
/// </para>
/// </remarks>
public sealed class SqlMetricFamily
{
    /// <summary>
    /// The type: <see cref="MetricType.Gauge"/>, <see cref="MetricType.Counter"/>, <see cref="MetricType.Unknown"/>,
    /// <see cref="MetricType.Histogram"/> or <see cref="MetricType.GaugeHistogram"/>.
    /// </summary>
    public required MetricType Type { get; init; }

    /// <summary>
    /// The name. The suffix <c>_total</c> of a counter is implied, unless <see cref="KeepsName"/> is true.
    /// </summary>
    public required string Name { get; init; }

    /// <summary>The help text: one sentence that describes what the family measures. May be empty.</summary>
    public required string Help { get; init; }

    /// <summary>
    /// The unit, for example <c>seconds</c>; empty, the default, for none. It is appended to a name that does not end
    /// with it.
    /// </summary>
    public string Unit { get; init; } = "";

    /// <summary>
    /// Whether the samples of a counter have exactly the name of the family, for names that are defined elsewhere.
    /// False by default: the suffix <c>_total</c> is appended to a name without it. If true, a family whose name lacks
    /// the suffix is a counter in the text formats and of unknown type in OpenMetrics, and its values may be negative.
    /// </summary>
    public bool KeepsName { get; init; }

    /// <summary>The label names, which are also the names of their columns. Empty by default.</summary>
    public IReadOnlyList<string> Labels { get; init => field = [.. value]; } = [];

    /// <summary>Labels that have the same value in all samples. Empty by default.</summary>
    public IReadOnlyDictionary<string, string> ConstantLabels { get; init => field = value.ToDictionary(); } =
        new Dictionary<string, string>();

    /// <summary>
    /// The columns of the values. Each adds one sample per row, so several columns require a <see cref="ValueLabel"/>.
    /// Empty for a histogram and with a <see cref="ConstantValue"/>.
    /// </summary>
    public IReadOnlyList<string> Values { get; init => field = [.. value]; } = [];

    /// <summary>
    /// The label that distinguishes the samples of several columns: its value is the name of the column, as in
    /// <see cref="Values"/>. Null, the default, for none.
    /// </summary>
    public string? ValueLabel { get; init; }

    /// <summary>The value of all samples, instead of <see cref="Values"/>. Null by default.</summary>
    public double? ConstantValue { get; init; }

    /// <summary>
    /// The columns that count the observations of a histogram, by the upper bounds of the buckets. Each counts all
    /// observations up to its bound, so counts never decrease, and the last bound is
    /// <see cref="double.PositiveInfinity"/>. A row is one histogram. NULL in a bucket or the sum omits it.
    /// </summary>
    public IReadOnlyDictionary<double, string> Buckets { get; init => field = value.ToDictionary(); } =
        new Dictionary<double, string>();

    /// <summary>
    /// The column of the sum of the observations of a histogram. Null, the default, writes neither sum nor count.
    /// </summary>
    public string? Sum { get; init; }

    /// <summary>
    /// The column of the time at which the samples were measured. The time may be a number: seconds since the Unix
    /// epoch. If it is NULL, no sample is added. If this property is null, the default, the time is that of the scrape.
    /// Prometheus rejects samples that are too old, and writes no staleness markers for samples with a timestamp.
    /// </summary>
    public string? Timestamp { get; init; }
}
