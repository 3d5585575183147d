namespace Orchestrator.Metrics.Tests.Exposition;

internal sealed record ReadFamily(string Name, string Type, string Help, string Unit, List<ReadSample> Samples)
{
    public static IReadOnlyList<ReadFamily> Parse(string openMetrics) =>
    [
        .. MetricsSnapshot.Parse(openMetrics, ExpositionParseMode.StrictOpenMetrics).Families.Select(
            family => new ReadFamily(
                family.Name, family.Type.ToString().ToLowerInvariant(), family.Help, family.Unit,
                [.. family.Samples.Select(ReadSample.Create)])),
    ];
}

/// <summary>A parsed sample or exemplar.</summary>
internal sealed record ReadSample(
    string Name, KeyValuePair<string, string>[] Labels, double Value, double? Timestamp, ReadSample? Exemplar = null)
{
    public string? this[string label] => Array.Find(Labels, pair => pair.Key == label).Value;

    public static ReadSample Create(MetricSample sample) => new(
        sample.Name, [.. sample.Labels], sample.Value, sample.TimestampSeconds,
        sample.Exemplar is { } exemplar
            ? new("", [.. exemplar.Labels], exemplar.Value, exemplar.TimestampSeconds)
            : null);

    /// <summary>Includes the exact bits of the value.</summary>
    public override string ToString() =>
        $"{Name}{{{string.Join(",", Labels.Select(label => $"{label.Key}={label.Value}"))}}} " +
        $"{Value:R}/{BitConverter.DoubleToInt64Bits(Value):x} @{Timestamp:R} # {Exemplar}";
}
