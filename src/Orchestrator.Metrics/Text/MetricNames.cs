using System.Buffers;
using System.Text;

namespace Orchestrator.Metrics.Text;

/// <summary>
/// The rules for metric names, label names and units.
/// Source: https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels.
/// </summary>
internal static class MetricNames
{
    public const string LabelCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789";
    public const string MetricCharacters = LabelCharacters + ":";

    // Prometheus rejects a scrape with this label.
    public const string MetricNameLabel = "__name__";

    public const string AllowUtf8 = ", or allow any valid Unicode: " +
        $"MetricFamily.Create(..., nameValidation: {nameof(NameValidationScheme)}.{nameof(NameValidationScheme.Utf8)})";

    private static readonly SearchValues<char> LabelChars = SearchValues.Create(LabelCharacters);
    private static readonly SearchValues<char> MetricChars = SearchValues.Create(MetricCharacters);

    public static bool IsLegacyMetricName(string name) => IsLegacy(name, MetricChars);

    public static bool IsLegacyLabelName(string name) => IsLegacy(name, LabelChars);

    public static void ValidateMetricName(string name, NameValidationScheme scheme)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!IsValid(name, scheme, MetricChars))
            throw CreateException("metric", name, "letters, digits, underscores and colons", scheme, "", AllowUtf8);
    }

    public static void ValidateLabelName(
        string name, string owner, NameValidationScheme scheme, string alternative = "")
    {
        if (name is null)
            throw new ArgumentException($"A label name of {owner} is null. Pass a name.");
        if (!IsValid(name, scheme, LabelChars))
            throw CreateException(
                "label", name, "letters, digits and underscores", scheme, $" for {owner}", alternative);
        if (name.StartsWith("__", StringComparison.Ordinal))
            throw new ArgumentException(
                $"Label '{name}' of {owner} is reserved: Prometheus drops labels whose names start with two " +
                "underscores. Choose another name.");
    }

    public static bool HasUnit(string name, string unit) => name.EndsWith("_" + unit, StringComparison.Ordinal);

    public static void ValidateUnit(string unit, string family)
    {
        if (unit.AsSpan().ContainsAnyExcept(MetricChars))
            throw new ArgumentException(
                $"Unit '{unit}' of metric family '{family}' is not valid: a unit is part of the name. Use ASCII " +
                "letters, digits, underscores and colons only, as in 'seconds' or 'bytes'.", nameof(unit));
    }

    private static bool IsLegacy(string name, SearchValues<char> chars) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(chars);

    private static bool IsValid(string name, NameValidationScheme scheme, SearchValues<char> chars) =>
        scheme == NameValidationScheme.Legacy
            ? IsLegacy(name, chars)
            : name.Length > 0 && IsWellFormed(name);

    private static bool IsWellFormed(ReadOnlySpan<char> text)
    {
        for (; !text.IsEmpty; text = text[(char.IsHighSurrogate(text[0]) ? 2 : 1)..])
        {
            if (Rune.DecodeFromUtf16(text, out _, out _) != OperationStatus.Done)
                return false;
        }

        return true;
    }

    private static ArgumentException CreateException(
        string kind, string name, string chars, NameValidationScheme scheme, string owner, string alternative) =>
        new(scheme == NameValidationScheme.Legacy
            ? $"'{name}' is not a valid {kind} name{owner}: it must consist of ASCII {chars}, and not start with a " +
              $"digit. Rename it{alternative}."
            : $"'{name}' is not a valid {kind} name{owner}: it is empty or not valid Unicode. Rename it.");
}
