using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>Converts the metrics of the SDK to metric families. Not thread-safe.</summary>
internal sealed class MetricConverter(MeterCollectorOptions options, MeterLog log)
{
    // The meter of OrchestratorMetricsBuilder.PublishToMeter, whose families are already exported.
    private const string PublishedMeter = "Orchestrator.Metrics";

    // The names and labels of a metric never change, and the SDK keeps the metric object until the meter is disposed.
    private readonly ConditionalWeakTable<Metric, ExportedMetric> _metrics = [];
    private readonly MeterNames _names = new(options.TranslationStrategy);
    private readonly PointWriter _writer = new();

    public IReadOnlyList<MetricFamily> Convert(in Batch<Metric> batch, Resource? resource)
    {
        var order = new List<List<ExportedMetric>>();
        var byName = new Dictionary<string, List<ExportedMetric>>();
        var claims = new Dictionary<string, ExportedMetric>();
        foreach (var metric in batch)
        {
            if (metric.MeterName == PublishedMeter)
                continue;
            if (!_metrics.TryGetValue(metric, out var exported))
                _metrics.Add(metric, exported = new ExportedMetric(metric, _names, options.ScopeLabels));
            Claim(exported, claims);
            if (!byName.TryGetValue(exported.FamilyName, out var sameName))
            {
                byName.Add(exported.FamilyName, sameName = []);
                order.Add(sameName);
            }

            sameName.Add(exported);
        }

        var families = new List<MetricFamily>(order.Count + 1);
        if (resource is not null && resource.Attributes.Any())
            families.Add(BuildTargetInfo(resource));
        foreach (var metrics in order)
        {
            foreach (var metric in metrics)
                metric.HasCreated = options.CreatedTimestamps && !IsCreatedClaimed(metric, claims);
            families.Add(BuildFamily(metrics));
            foreach (var metric in metrics)
                metric.IsNew = false;
        }

        return families;
    }

    private static void Claim(ExportedMetric metric, Dictionary<string, ExportedMetric> claims)
    {
        foreach (var name in metric.ClaimedNames)
        {
            if (claims.TryAdd(name, metric))
                continue;
            var other = claims[name];
            if ((other.Type, other.FamilyName) == (metric.Type, metric.FamilyName))
                continue;
            throw new InvalidOperationException(
                (other.Type == metric.Type
                    ? $"Metric families '{other.FamilyName}' of {other} and '{metric.FamilyName}' of {metric} both " +
                      $"use the name '{name}' in some formats, which escape names or remove '_total'. "
                    : $"Metric family '{name}' is of type {other.Type} for {other} and of type {metric.Type} for " +
                      $"{metric}. ") +
                "Rename one of the instruments with a view, or drop it: AddView(instrument => ...).");
        }
    }

    /// <summary>
    /// Returns whether another family has the name of the creation times. Logs this in the first batch with both.
    /// </summary>
    private bool IsCreatedClaimed(ExportedMetric metric, Dictionary<string, ExportedMetric> claims)
    {
        if (metric.CreatedName is not { } name || !claims.TryGetValue(name, out var other))
            return false;
        if (metric.IsNew || other.IsNew)
            log.CreatedOmitted(
                metric.Metric.Name, metric.Metric.MeterName, other.Metric.Name, other.Metric.MeterName, name);
        return true;
    }

    private MetricFamily BuildFamily(List<ExportedMetric> metrics)
    {
        var first = metrics[0];
        var builder = new MetricFamilyBuilder(
            first.Type, first.FamilyName, first.Metric.Description, first.Unit, first.PreviousFamily);
        if (metrics.Count == 1)
            Write(first, builder, null);
        else
            WriteNewestFirst(metrics, builder);
        foreach (var metric in metrics)
        {
            if ((metric.IsNew || first.IsNew)
                && (metric.Metric.Description, metric.Unit) != (first.Metric.Description, first.Unit))
                log.OtherMetadata(metric.Metric.Name, metric.Metric.MeterName, first.FamilyName);
        }

        return first.PreviousFamily = builder.Build();
    }

    /// <summary>
    /// Writes the metrics of one family. If a meter was disposed and created again, the first batch with the new series
    /// also contains the old ones, which the new ones replace. Equal series of two metrics in later batches are
    /// duplicates, and the collector fails.
    /// </summary>
    private void WriteNewestFirst(List<ExportedMetric> metrics, MetricFamilyBuilder builder)
    {
        foreach (var sameStream in metrics.GroupBy(metric => metric.Stream))
        {
            var isReplaced = sameStream.Count() > 1 && sameStream.Any(metric => metric.IsNew);
            var written = isReplaced ? new HashSet<string>() : null;
            foreach (var metric in sameStream.OrderByDescending(metric => metric.StartTime))
                Write(metric, builder, written);
        }
    }

    private void Write(ExportedMetric metric, MetricFamilyBuilder builder, HashSet<string>? written)
    {
        var isReplaced = false;
        foreach (ref readonly var point in metric.Metric.GetMetricPoints())
        {
            var labels = metric.GetLabels(point.Tags);
            if (written?.Add(labels.Key) == false)
            {
                isReplaced = true;
                continue;
            }

            if (labels.IsOverflow && metric.TryMarkOverflowed())
                log.Overflow(metric.Metric.Name, metric.Metric.MeterName);
            _writer.Write(in point, metric, labels, builder);
        }

        if (isReplaced)
            log.Replaced(metric.Metric.Name, metric.Metric.MeterName);
    }

    private MetricFamily BuildTargetInfo(Resource resource)
    {
        var labels = new SeriesLabels(
            [], [.. resource.Attributes.Select(attribute => attribute.Key)], _names, reserved: null);
        labels.Fill(resource.Attributes.Select(attribute => attribute.Value));
        var info = MetricFamily.Create(
            MetricType.Info, "target", "Target metadata", nameValidation: NameValidationScheme.Utf8);
        info.Add(MetricPoint.Info(labels.Pairs));
        return info;
    }
}
