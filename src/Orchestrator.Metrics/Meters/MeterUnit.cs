namespace Orchestrator.Metrics.Meters;

/// <summary>
/// Units as OpenTelemetry writes them (UCUM).
/// Source: https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/.
/// </summary>
internal static class MeterUnit
{
    /// <summary>The unit of an instrument; null if there is none, or the name does not end in it.</summary>
    /// <remarks>
    /// Who translates back to Prometheus puts the unit at the end of the name unless it is there: a unit of
    /// <c>x_seconds_total</c> or <c>x_seconds_sum</c> would be written twice. What stands in braces is never written.
    /// </remarks>
    public static string? Of(string unit, string name) =>
        unit.Length == 0 || !name.EndsWith("_" + unit, StringComparison.Ordinal) ? null : unit switch
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
