using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.OpenTelemetry;

// Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#metric-metadata-1.
internal static partial class MeterUnits
{
    /// <summary>Returns the Prometheus name of a unit, such as <c>seconds</c>; empty if the unit has none.</summary>
    public static string ToWord(string unit)
    {
        unit = Annotation().Replace(unit, "").TrimEnd('/');
        var slash = unit.IndexOf('/');
        var word = slash >= 0
            ? $"{ToPlural(unit[..slash])}_per_{ToSingular(unit[(slash + 1)..])}"
            : ToPlural(unit);
        return MeterNames.Escape(word, colons: true).Trim('_');
    }

    private static string ToPlural(string unit) => unit switch
    {
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "TiBy" => "tebibytes",
        "kBy" or "KBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "TBy" => "terabytes",
        "m" => "meters",
        "V" => "volts",
        "A" => "amperes",
        "J" => "joules",
        "W" => "watts",
        "g" => "grams",
        "Cel" => "celsius",
        "Hz" => "hertz",
        "%" => "percent",
        "1" => "",
        _ => unit,
    };

    private static string ToSingular(string unit) => unit switch
    {
        "s" => "second",
        "m" or "min" => "minute",
        "h" => "hour",
        "d" => "day",
        "w" => "week",
        "mo" => "month",
        "y" => "year",
        _ => unit,
    };

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Annotation();
}
