using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Monitoring;

internal sealed record ExpositionSample(string Name, IReadOnlyDictionary<string, string> Labels, double Value);

/// <summary>The samples of an exposition. Its label values must need no escapes, like those of the sample.</summary>
internal sealed partial class ExpositionSamples
{
    private readonly ILookup<string, ExpositionSample> _byName;

    private ExpositionSamples(IEnumerable<ExpositionSample> samples) =>
        _byName = samples.ToLookup(sample => sample.Name);

    public IEnumerable<string> LabelNames =>
        _byName.SelectMany(samples => samples.SelectMany(sample => sample.Labels.Keys)).Distinct();

    public ExpositionSample[] Get(string metric) => [.. _byName[metric]];

    public static ExpositionSamples Parse(string text)
    {
        Assert.That(text, Does.Not.Contain('\\'));
        return new(Line().Matches(text).Select(match => new ExpositionSample(
            match.Groups[1].Value,
            Label().Matches(match.Groups[2].Value).ToDictionary(it => it.Groups[1].Value, it => it.Groups[2].Value),
            double.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture))));
    }

    [GeneratedRegex(@"^(\w+)(?:\{(.*)\})? (\S+)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex("(\\w+)=\"([^\"]*)\"")]
    private static partial Regex Label();
}
