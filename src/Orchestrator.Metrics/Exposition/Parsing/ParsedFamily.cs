using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>A family during parsing. A counter has the name of its samples.</summary>
internal sealed class ParsedFamily(string name, MetricType type)
{
    public string Name { get; set; } = name;

    public MetricType Type { get; set; } = type;

    public string? Help { get; set; }

    public string? Unit { get; set; }

    public ForeignSamples Samples { get; } = new();

    /// <summary>Whether neither a type nor a sample has been parsed, so a type may still follow.</summary>
    public bool IsUndeclared => Type == MetricType.Unknown && Samples.Count == 0;

    public MetricFamily Build(string? nameWithoutTotal) => Samples.ToFamily(
        Type, nameWithoutTotal ?? Name, Help, Unit, hasTotal: nameWithoutTotal is not null);
}
