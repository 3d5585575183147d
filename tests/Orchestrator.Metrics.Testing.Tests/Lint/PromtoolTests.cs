using System.Text;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Lint;

public partial class PromtoolTests
{
    private static readonly MetricType[] Types = Enum.GetValues<MetricType>();

    // The messages of promtool, as patterns, and ours.
    private static readonly (string Promtool, string Ours)[] Texts =
    [
        ("no help text", "It has no help text. Describe in a sentence what it measures."),
        ("use base unit \"(\\w+)\" instead of \"(\\w+)\"", "It is in $2. Use the base unit: $1."),
        ("metric names should not contain abbreviated units",
            "Its name contains an abbreviated unit: ... Write out the unit."),
        ("counter metrics should have \"_total\" suffix",
            "It does not end in _total, as counters should. Rename it."),
        ("non-counter metrics should not have \"_total\" suffix",
            "It ends in _total, as only counters should. Rename it."),
        ("non-histogram metrics should not have \"_bucket\" suffix",
            "It ends in _bucket, as only histograms should. Rename it."),
        ("non-histogram and non-summary metrics should not have \"(_count|_sum)\" suffix",
            "It ends in $1, as only histograms and summaries should. Rename it."),
        ("non-histogram metrics should not have \"le\" label",
            "It has a label le, as only histograms should. Rename the label."),
        ("non-summary metrics should not have \"quantile\" label",
            "It has a label quantile, as only summaries should. Rename the label."),
        ("metric name should not include type '(\\w+)'",
            "Its name contains a metric type: $1. Remove it; # TYPE states the type."),
        ("metric names should not contain ':'",
            "Its name contains a colon, which is for recording rules. Use an underscore."),
        ("metric names should be written in 'snake_case' not 'camelCase'", "Its name is in camelCase. Use snake_case."),
        ("label names should be written in 'snake_case' not 'camelCase'",
            "Its label ... is in camelCase. Use snake_case."),
    ];

    [Test]
    public async Task Linter_agrees_with_promtool_on_names_of_every_type()
    {
        var names = CreateNames().Distinct().ToArray();
        var families = Types.SelectMany(type => names
            .Where(name => type != MetricType.StateSet || !name.Contains(':'))
            .Select((name, index) => CreateFamily(type, $"acme{index}{type}{name}", "Help.")));

        await AssertSameAsync(families, 2000);
    }

    [Test]
    public async Task Linter_agrees_with_promtool_on_names_that_only_other_libraries_use()
    {
        string[] types = ["counter", "gauge", "untyped"];
        var text = string.Concat(types.SelectMany(type => CreateNames().Distinct()
            .Select((name, index) => $"acme{index}{type}{name}")
            .Select(name => $"# HELP {name} Help.\n# TYPE {name} {type}\n{name} 1\n")));
        var library = new ExpositionTextCollector(
            (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), token).AsTask());

        await AssertSameAsync(await library.ScrapeAsync(), 2000);
    }

    [Test]
    public async Task Linter_agrees_with_promtool_on_label_names_of_every_type()
    {
        string[][] labels =
            [["le"], ["quantile"], ["camelCase", "otherCase"], ["Le", "QUANTILE", "PascalCase", "snake_case", "x9Y"]];
        var families = Types.SelectMany(type => labels
            .Where(names => names[0] != GetTypeLabel(type))
            .Select((names, index) => CreateFamily(type, $"acme_{type}_{index}_x".ToLowerInvariant(), "Help.", names)));

        await AssertSameAsync(families, 50);
    }

    [Test]
    public async Task Linter_agrees_with_promtool_on_help_texts()
    {
        string[] texts = ["", " ", "\t", " \t ", "x", " x", "\\", "\n", "é", "\u00a0"];

        await AssertSameAsync(
            Types.SelectMany(type => texts.Select((help, index) => CreateFamily(type, $"acme_{index}{type}", help))),
            4 * Types.Length);
    }

    [Test]
    public async Task Linter_agrees_with_promtool_on_names_that_are_valid_only_in_UTF_8()
    {
        string[] names = ["acme.jobs.count", "acme jobs:x", "größe in ms", "acme.jobs_minutes"];

        await AssertSameAsync(names.Select(name =>
        {
            var family = MetricFamily.Create(
                MetricType.Gauge, name, "Help.", ["http.statusCode"], nameValidation: NameValidationScheme.Utf8);
            family.Add(1, "x");
            return family;
        }), 8);
    }

    private static IEnumerable<string> CreateNames()
    {
        string[] units =
        [
            "amperes", "bytes", "celsius", "grams", "joules", "kelvin", "meters", "metres", "seconds", "volts",
            "minutes", "hours", "days", "weeks", "kelvins", "fahrenheit", "rankine", "inches", "yards", "miles", "bits",
            "calories", "pounds", "ounces", "parsecs", "",
        ];
        string[] prefixes =
        [
            "", "pico", "nano", "micro", "milli", "centi", "deci", "deca", "hecto", "kilo", "kibi", "mega", "mibi",
            "mebi", "giga", "gibi", "tera", "tebi", "peta", "pebi", "exa", "thermo", "Milli",
        ];
        string[] words =
        [
            "s", "ms", "us", "ns", "sec", "b", "kb", "mb", "gb", "tb", "pb", "m", "h", "d", "KB", "min", "secs", "x",
            "counter", "gauge", "summary", "histogram", "untyped", "gauge_histogram", "gaugehistogram", "info",
            "stateset", "COUNTER", "total", "count", "sum", "bucket", "created", "gcount", "gsum", "Total",
            "camelCase", "PascalCase", "a:b", "count:", "UPPER", "_", "bucket_count", "x_total_total",
        ];
        return
        [
            .. prefixes.SelectMany(prefix => units.Select(unit => $"_{prefix}{unit}")),
            .. units.Select(unit => $"_{unit}_x"),
            .. words.SelectMany(word => new[] { $"_{word}", $"_{word}_x", word, $"_x{word}" }),
        ];
    }

    private static MetricFamily CreateFamily(MetricType type, string name, string help, params string[] labels)
    {
        var family = MetricFamily.Create(type, name, help, labels);
        family.Add(AllKinds.CreatePoint(type), labels);
        return family;
    }

    private static Task AssertSameAsync(IEnumerable<MetricFamily> families, int atLeast) =>
        AssertSameAsync(new MetricsSnapshot(families), atLeast);

    private static async Task AssertSameAsync(MetricsSnapshot metrics, int atLeast)
    {
        var promtool = (await Promtool.CheckMetricsAsync(metrics.ToText())).Select(Translate).Distinct().Order();

        var ours = metrics.Lint().Select(problem => Shorten(problem.ToString())).Distinct().Order().ToArray();

        Assert.That(ours, Is.EqualTo(promtool));
        Assert.That(ours, Has.Length.AtLeast(atLeast));
    }

    private static string Translate(string remark)
    {
        var (name, text) = (remark[..remark.IndexOf(' ')], remark[(remark.IndexOf(' ') + 1)..]);
        var translation = Array.Find(Texts, texts => Regex.IsMatch(text, $"^{texts.Promtool}$"));
        Assert.That(translation.Ours, Is.Not.Null, remark);
        return $"{name}: {Regex.Replace(text, translation.Promtool, translation.Ours)}";
    }

    // promtool names neither the abbreviated unit nor the label.
    private static string Shorten(string problem) => OwnAddition().Replace(problem, "...");

    private static string? GetTypeLabel(MetricType type) => type switch
    {
        MetricType.Histogram or MetricType.GaugeHistogram => "le",
        MetricType.Summary => "quantile",
        _ => null,
    };

    [GeneratedRegex(@"(?<=abbreviated unit: )\w+\.|(?<=Its label )\w+")]
    private static partial Regex OwnAddition();
}
