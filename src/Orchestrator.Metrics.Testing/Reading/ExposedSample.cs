using System.Globalization;

namespace Orchestrator.Metrics.Testing;

/// <summary>A sample as an exposition shows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Numbers">Its value and, if it has one, its timestamp.</param>
/// <param name="Exemplar">Its exemplar, or null.</param>
internal sealed record ExposedSample(
    string Name, Labels Labels, IReadOnlyList<ExposedNumber> Numbers, ExposedExemplar? Exemplar)
{
    /// <summary>Name and labels: what Prometheus stores values under.</summary>
    public string Series { get; } = LineReader.IsName(Name)
        ? Name + Labels
        : Labels.InBraces(Labels.Names.Count == 0 ? Labels.Quoted(Name) : $"{Labels.Quoted(Name)},{Labels.Text}");

    /// <summary>The same for two samples that mean the same. Zero has no sign then.</summary>
    public string Meaning => Written(number => (number.Value + 0.0).ToString(CultureInfo.InvariantCulture));

    /// <summary>The sample with its numbers as they were written.</summary>
    public override string ToString() => Written(number => number.Text);

    private string Written(Func<ExposedNumber, string> write)
    {
        var sample = $"{Series} {string.Join(' ', Numbers.Select(write))}";
        return Exemplar is null
            ? sample
            : $"{sample} # {Labels.InBraces(Exemplar.Labels.Text)} {string.Join(' ', Exemplar.Numbers.Select(write))}";
    }
}

/// <summary>An exemplar: its labels, its value and, if it has one, its timestamp.</summary>
internal sealed record ExposedExemplar(Labels Labels, IReadOnlyList<ExposedNumber> Numbers);

/// <summary>A number and how it was written.</summary>
internal readonly record struct ExposedNumber(string Text, double Value);
