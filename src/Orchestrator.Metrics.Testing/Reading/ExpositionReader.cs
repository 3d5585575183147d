namespace Orchestrator.Metrics.Testing;

/// <summary>
/// Reads the Prometheus text formats and OpenMetrics, as far as they tell what was measured: it does not mind the order
/// of lines, nor what a format demands of names, types and values.
/// </summary>
internal sealed class ExpositionReader
{
    private readonly List<ExposedFamily> _families = [];
    private readonly Dictionary<string, ExposedFamily> _byName = [];
    private readonly List<ExposedSample> _samples = [];

    /// <summary>Reads a text. Only line feeds end a line.</summary>
    /// <exception cref="FormatException">A line cannot be read. The message says which and why.</exception>
    public static IReadOnlyList<ExposedFamily> Read(string text)
    {
        var reader = new ExpositionReader();
        var number = 0;
        foreach (var line in text.Split('\n'))
            reader.Read(line.Trim(' ', '\t', '\r'), ++number);

        // Only now are all types known, and with them the names that samples of a family may have.
        foreach (var sample in reader._samples)
            reader.FamilyOf(sample.Name).Samples.Add(sample);
        return reader._families;
    }

    private void Read(string text, int number)
    {
        var line = new LineReader(text, number);
        if (line.TryTake('#'))
            ReadMetadata(line);
        else if (!line.AtEnd)
            ReadSample(line);
    }

    private void ReadMetadata(LineReader line)
    {
        var keyword = line.TakeWord();
        if (!ExposedFamily.Keywords.Contains(keyword))
            return;
        var family = Family(line.TakeName($"name after # {keyword}"));
        if (!family.Metadata.TryAdd(keyword, line.TakeRest()))
            throw line.Error($"{family.Name} has a # {keyword} already.");
    }

    private void ReadSample(LineReader line)
    {
        var name = line.NextIs('{') ? null : line.TakeName("name of a metric");
        var labels = line.TryTake('{') ? ReadLabels(line, ref name) : new Labels([]);
        if (name is null)
            throw line.Error("the metric has no name.");
        var numbers = ReadNumbers(line, "value");
        var exemplar = line.TryTake('#') ? ReadExemplar(line) : null;
        if (!line.AtEnd)
            throw line.Error("nothing may follow here.");
        _samples.Add(new(name, labels, numbers, exemplar));
    }

    private static ExposedExemplar ReadExemplar(LineReader line)
    {
        line.Take('{', "before the labels of the exemplar");
        var name = "";
        return new(ReadLabels(line, ref name), ReadNumbers(line, "value of the exemplar"));
    }

    /// <summary>Reads labels up to the closing brace, and the name of the metric if it stands among them.</summary>
    private static Labels ReadLabels(LineReader line, ref string? name)
    {
        var labels = new Dictionary<string, string>();
        for (var more = true; more && !line.NextIs('}'); more = line.TryTake(','))
        {
            var label = line.TakeName("name of a label, nor a closing brace");
            if (line.TryTake('='))
            {
                line.Take('"', $"before the value of label {label}");
                if (!labels.TryAdd(label, line.TakeQuoted($"value of label {label}")))
                    throw line.Error($"label {label} occurs twice.");
            }
            else if (name is null)
            {
                name = label;
            }
            else
            {
                throw line.Error($"label {label} has no value.");
            }
        }

        line.Take('}', "after the labels");
        return new Labels(labels);
    }

    private static List<ExposedNumber> ReadNumbers(LineReader line, string what)
    {
        var numbers = new List<ExposedNumber> { line.TakeNumber(what) };
        if (!line.NextIs('#') && !line.AtEnd)
            numbers.Add(line.TakeNumber("timestamp"));
        return numbers;
    }

    /// <summary>The family that has the whole name of a sample, or else one that adds a suffix to its own.</summary>
    private ExposedFamily FamilyOf(string sample)
    {
        if (_byName.TryGetValue(sample, out var family))
            return family;
        var end = sample.LastIndexOf('_');
        return end > 0 && _byName.TryGetValue(sample[..end], out family) && family.Has(sample)
            ? family
            : Family(sample);
    }

    private ExposedFamily Family(string name)
    {
        if (_byName.TryGetValue(name, out var family))
            return family;
        family = new ExposedFamily(name);
        _byName.Add(name, family);
        _families.Add(family);
        return family;
    }
}
