using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Meters;

/// <summary>
/// Translates units to OpenTelemetry (UCUM).
/// Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/.
/// </summary>
internal static class MeterUnit
{
    /// <summary>
    /// Returns the unit in UCUM. Null if the name does not end in the unit: a translation back to Prometheus would
    /// append it, so <c>x_seconds_total</c> or <c>x_seconds_sum</c> would contain the unit twice. A unit in braces is
    /// never appended.
    /// </summary>
    public static string? Translate(string unit, string name) =>
        unit.Length == 0 || !MetricNames.HasUnit(name, unit) ? null : unit switch
        {
            "seconds" => "s",
            "bytes" => "By",
            "ratio" => "1",
            "celsius" => "Cel",
            "meters" => "m",
            "volts" => "V",
            "amperes" => "A",
            "joules" => "J",
            "grams" => "g",
            _ => $"{{{unit}}}",
        };
}
