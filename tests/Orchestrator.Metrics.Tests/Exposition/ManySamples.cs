using System.Globalization;

namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>Snapshots of many blocks, each with one family.</summary>
internal static class ManySamples
{
    public static MetricsSnapshot Gauges(int count)
    {
        var family = MetricFamily.Gauge("acme", "", "zone", "n");
        for (var i = 0; i < count; i++)
            family.Add(i, "north", i.ToString(CultureInfo.InvariantCulture));
        return new MetricsSnapshot([family]);
    }

    public static MetricsSnapshot Infos(int count)
    {
        var family = MetricFamily.Info("acme", "");
        for (var i = 0; i < count; i++)
            family.Add(MetricPoint.Info([new("zone", "north"), new("n", i.ToString(CultureInfo.InvariantCulture))]));
        return new MetricsSnapshot([family]);
    }
}
