namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

internal static class OpenMetricsTexts
{
    public const string Counter = "# TYPE jobs counter\n";
    public const string Gauge = "# TYPE jobs gauge\n";
    public const string Histogram = "# TYPE wait histogram\n";
    public const string GaugeHistogram = "# TYPE age gaugehistogram\n";
    public const string Summary = "# TYPE size summary\n";
    public const string Info = "# TYPE build info\n";
    public const string StateSet = "# TYPE engine stateset\n";

    public static MetricsSnapshot ParseStrictly(string text) =>
        MetricsSnapshot.Parse(text, ExpositionParseMode.StrictOpenMetrics);
}
