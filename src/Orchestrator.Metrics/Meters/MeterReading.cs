using System.Diagnostics.Metrics;
using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Meters;

/// <summary>
/// The measurements of one instrument in one snapshot: the samples of a family that share a name, without timestamps
/// and exemplars, which a measurement cannot contain.
/// </summary>
internal sealed record MeterReading(
    MeterInstrument Instrument, string? Unit, string? Description, Measurement<double>[] Measurements)
{
    // The prefix of the families that the adapter of prometheus-net creates from this meter. Publishing them would add
    // more families with each collection.
    private const string OwnMeterPrefix = "orchestrator_metrics_";

    public static IEnumerable<MeterReading> CreateAll(MetricsSnapshot snapshot) => snapshot.Families
        .Where(family => !family.Name.StartsWith(OwnMeterPrefix, StringComparison.Ordinal))
        .SelectMany(CreateAll);

    private static IEnumerable<MeterReading> CreateAll(MetricFamily family)
    {
        var description = family.Help.Length > 0 ? family.Help : null;
        foreach (var suffix in SampleSuffixes.GetSuffixes(family.OpenMetricsType))
        {
            if ((suffix & family.Store.Suffixes) == 0)
                continue;
            var instrument = new MeterInstrument(
                family.Name + suffix.GetText(family.OpenMetricsType), IsMonotonic(family.Type, suffix));
            yield return new(
                instrument, MeterUnit.Translate(family.Unit, instrument.Name), description,
                [.. GetMeasurements(family, suffix)]);
        }
    }

    private static bool IsMonotonic(MetricType type, SampleSuffix suffix) => type switch
    {
        MetricType.Counter => suffix == SampleSuffix.Main,
        MetricType.Histogram => suffix is SampleSuffix.Bucket or SampleSuffix.Count or SampleSuffix.Sum,
        MetricType.Summary => suffix is SampleSuffix.Count or SampleSuffix.Sum,
        _ => false,
    };

    private static IEnumerable<Measurement<double>> GetMeasurements(MetricFamily family, SampleSuffix suffix)
    {
        var names = family.SortedLabelNames;
        var tags = new List<KeyValuePair<string, object?>>(names.Length);
        foreach (var sample in family.Store.Samples)
        {
            if (sample.Suffix != suffix)
                continue;
            tags.Clear();
            if (sample.Detail?.Labels is { } own)
                tags.AddRange(own.Select(label => KeyValuePair.Create(label.Key, (object?)label.Value)));
            else
                AddLabels(tags, names, sample.LabelValues);
            yield return new Measurement<double>(sample.Value, tags);
        }
    }

    private static void AddLabels(
        List<KeyValuePair<string, object?>> tags, string[] names, ReadOnlySpan<string?> values)
    {
        for (var i = 0; i < names.Length; i++)
        {
            // The label that a type adds, such as le, is null in samples without it, such as the _sum of a histogram.
            if (values[i] is { } value)
                tags.Add(new(names[i], value));
        }
    }
}

internal readonly record struct MeterInstrument(string Name, bool IsMonotonic);
