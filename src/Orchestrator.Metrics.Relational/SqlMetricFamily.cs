namespace Orchestrator.Metrics;

/// <summary>
/// Defines how the rows of a query become a metric family: the columns of its labels and values. Immutable and
/// thread-safe.
/// </summary>
/// <remarks>
/// <para>
/// Columns are found by name: by an exact match, otherwise regardless of case. Other columns are ignored.
/// </para>
/// <para>
/// A label may have any type with a text form: strings and enums unchanged, <c>true</c> and <c>false</c>, numbers
/// with a decimal point and in their shortest form (a <c>numeric</c> keeps its trailing zeros), UUIDs in lower case,
/// dates and times in ISO 8601 (<c>2026-11-25</c>, <c>2026-11-25T09:30:00Z</c>), durations as <c>[d.]hh:mm:ss</c>, and
/// bytes in hexadecimal. NULL is an empty string.
/// </para>
/// <para>
/// A value may be a number of any type or a string of its digits. A Boolean is 0 or 1, an interval its seconds, and a
/// time the seconds since the Unix epoch. NULL adds no sample.
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
    /// The name. The suffix <c>_total</c> of a counter is implied, unless it <see cref="KeepsName"/>.
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
    /// Whether the samples of a counter have exactly the name of the family, for names that others have chosen. False
    /// by default: the suffix <c>_total</c> is appended to a name without it. With other names, the family is a counter
    /// in the text formats, of unknown type in OpenMetrics, and its values may be negative.
    /// </summary>
    public bool KeepsName { get; init; }

    /// <summary>The labels. Each is also the name of the column of its values. Empty by default.</summary>
    public IReadOnlyList<string> Labels { get; init => field = [.. value]; } = [];

    /// <summary>Labels that have the same value in all samples. Empty by default.</summary>
    public IReadOnlyDictionary<string, string> ConstantLabels { get; init => field = value.ToDictionary(); } =
        new Dictionary<string, string>();

    /// <summary>
    /// The columns of the values. Each adds one sample per row, so several need a <see cref="ValueLabel"/>. Empty for a
    /// histogram and with a <see cref="ConstantValue"/>.
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
    /// <see cref="double.PositiveInfinity"/>. A row is one histogram; NULL in any of its columns omits it.
    /// </summary>
    public IReadOnlyDictionary<double, string> Buckets { get; init => field = value.ToDictionary(); } =
        new Dictionary<double, string>();

    /// <summary>
    /// The column of the sum of the observations of a histogram. Null, the default, writes neither sum nor count.
    /// </summary>
    public string? Sum { get; init; }

    /// <summary>
    /// The column of the time at which the samples were measured, which may be a number: seconds since the Unix epoch.
    /// NULL adds no sample. Null, the default, for the time of the scrape. Prometheus rejects samples that are too old,
    /// and writes no staleness markers for samples with a timestamp.
    /// </summary>
    public string? Timestamp { get; init; }
}
