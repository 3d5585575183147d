using System.Globalization;

namespace Orchestrator.Metrics.Tests.Exposition;

internal static class ManySamples
{
    public static MetricsSnapshot CreateGauges(int count)
    {
        var family = MetricFamily.Gauge("acme", "", "zone", "n");
        for (var i = 0; i < count; i++)
            family.Add(i, "north", i.ToString(CultureInfo.InvariantCulture));
        return new MetricsSnapshot([family]);
    }

    public static MetricsSnapshot CreateInfos(int count)
    {
        var family = MetricFamily.Info("acme", "");
        for (var i = 0; i < count; i++)
            family.Add(MetricPoint.Info([new("zone", "north"), new("n", i.ToString(CultureInfo.InvariantCulture))]));
        return new MetricsSnapshot([family]);
    }
}
