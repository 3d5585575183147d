using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

public sealed partial class MetricFamily
{
    /// <summary>Creates a gauge: a value that can go up and down.</summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Gauge(string name, string help, params ReadOnlySpan<string> labelNames) =>
        Create(MetricType.Gauge, name, help, labelNames);

    /// <summary>Creates a gauge: a value that can go up and down.</summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Gauge(string name, string help, ReadOnlySpan<string> labelNames, string unit) =>
        Create(MetricType.Gauge, name, help, labelNames, unit);

    /// <summary>
    /// Creates a counter: a value that only increases. The suffix <c>_total</c> of the name is implied.
    /// </summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Counter(string name, string help, params ReadOnlySpan<string> labelNames) =>
        Create(MetricType.Counter, name, help, labelNames);

    /// <summary>
    /// Creates a counter: a value that only increases. The suffix <c>_total</c> of the name is implied.
    /// </summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Counter(string name, string help, ReadOnlySpan<string> labelNames, string unit) =>
        Create(MetricType.Counter, name, help, labelNames, unit);

    /// <summary>Creates a summary: the count and sum of observations, and optionally their quantiles.</summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Summary(string name, string help, params ReadOnlySpan<string> labelNames) =>
        Create(MetricType.Summary, name, help, labelNames);

    /// <summary>Creates a summary: the count and sum of observations, and optionally their quantiles.</summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Summary(string name, string help, ReadOnlySpan<string> labelNames, string unit) =>
        Create(MetricType.Summary, name, help, labelNames, unit);

    /// <summary>Creates a histogram: observations, counted in cumulative buckets.</summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Histogram(string name, string help, params ReadOnlySpan<string> labelNames) =>
        Create(MetricType.Histogram, name, help, labelNames);

    /// <summary>Creates a histogram: observations, counted in cumulative buckets.</summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Histogram(string name, string help, ReadOnlySpan<string> labelNames, string unit) =>
        Create(MetricType.Histogram, name, help, labelNames, unit);

    /// <summary>Creates a gauge histogram: a histogram whose bucket counts can go down.</summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily GaugeHistogram(string name, string help, params ReadOnlySpan<string> labelNames) =>
        Create(MetricType.GaugeHistogram, name, help, labelNames);

    /// <summary>Creates a gauge histogram: a histogram whose bucket counts can go down.</summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily GaugeHistogram(string name, string help, ReadOnlySpan<string> labelNames, string unit) =>
        Create(MetricType.GaugeHistogram, name, help, labelNames, unit);

    /// <summary>Creates a family of unknown type, <c>untyped</c> in the Prometheus text formats.</summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Unknown(string name, string help, params ReadOnlySpan<string> labelNames) =>
        Create(MetricType.Unknown, name, help, labelNames);

    /// <summary>Creates a family of unknown type, <c>untyped</c> in the Prometheus text formats.</summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Unknown(string name, string help, ReadOnlySpan<string> labelNames, string unit) =>
        Create(MetricType.Unknown, name, help, labelNames, unit);

    /// <summary>
    /// Creates an info: facts as labels of a sample whose value is 1. The suffix <c>_info</c> of the name is implied.
    /// </summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily Info(string name, string help, params ReadOnlySpan<string> labelNames) =>
        Create(MetricType.Info, name, help, labelNames);

    /// <summary>
    /// Creates a stateset: named states, each on or off. The name of the family is also the name of the state label.
    /// </summary>
    /// <inheritdoc cref="Create" path="//param|//exception"/>
    public static MetricFamily StateSet(string name, string help, params ReadOnlySpan<string> labelNames) =>
        Create(MetricType.StateSet, name, help, labelNames);

    /// <summary>Creates a family of any type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="name">The name, for example <c>acme_licence_seats</c>.</param>
    /// <param name="help">The help text: one sentence that describes what the family measures. May be empty.</param>
    /// <param name="labelNames">The label names, in the order of the values that <c>Add</c> takes.</param>
    /// <param name="unit">
    /// The unit, for example <c>seconds</c>; empty for none. It is appended if the name does not end with it, as in
    /// <c>prometheus_client</c>. An info or a stateset cannot have a unit.
    /// </param>
    /// <param name="nameValidation">The rules for the name and the label names.</param>
    /// <exception cref="ArgumentException">
    /// The type is not a member of <see cref="MetricType"/>; the name, a label name or the unit is invalid; the type
    /// allows no unit; a label name is reserved; two label names are equal, or equal after escaping; or the name, the
    /// help text, a label name or the unit is null.
    /// </exception>
    public static MetricFamily Create(
        MetricType type, string name, string help, ReadOnlySpan<string> labelNames = default,
        string unit = "", NameValidationScheme nameValidation = NameValidationScheme.Legacy)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (help is null)
            throw new ArgumentNullException(
                nameof(help), $"The help text of metric family '{name}' is null. Pass a sentence, or an empty string.");
        ArgumentNullException.ThrowIfNull(unit);
        if (!Enum.IsDefined(type))
            throw new ArgumentOutOfRangeException(
                nameof(type), $"Metric type {type} does not exist. Use a member of {nameof(MetricType)}.");
        MetricNames.ValidateMetricName(name, nameValidation);
        name = MetricFamilyRules.RemoveImpliedSuffix(type, name);
        if (unit.Length > 0)
            name = MetricFamilyRules.AppendUnit(type, name, unit);
        if (type == MetricType.StateSet && name.Contains(':'))
            throw new ArgumentException(
                $"'{name}' cannot be the name of a stateset: the name is also a label name, and legacy " +
                "label names contain no colons. Use a name without colons.",
                nameof(name));

        var names = labelNames.ToArray();
        foreach (var label in names)
            MetricFamilyRules.ValidateLabelName(type, name, label, nameValidation);
        LabelPairs.RequireDistinct(
            MetricFamilyRules.GetTypeLabelName(type, name) is { } typeLabel ? [.. names, typeLabel] : names,
            $"metric family '{name}'");
        return new MetricFamily(type, name, help, names, unit, nameValidation);
    }
}
