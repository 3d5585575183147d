using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.OpenTelemetry;
using static Orchestrator.Metrics.Tests.MeterHost;

namespace Orchestrator.Metrics.Tests;

public class LabelTests
{
    private static readonly object?[][] Values =
    [
        ["text", "text"], [null, ""], [true, "true"], [7, "7"], [-1.5, "-1.5"], [1e300, "1E+300"], ['x', "x"],
        [new[] { "a\"\n", "größe" }, "[\"a\\\"\\n\",\"größe\"]"], [new object?[] { 1, null, false }, "[1,null,false]"],
        [DayOfWeek.Friday, "Friday"], [Guid.Empty, "00000000-0000-0000-0000-000000000000"], [12.5m, "12.5"],
        ["hello"u8.ToArray(), "aGVsbG8="], [new[] { "hello"u8.ToArray() }, "[\"aGVsbG8=\"]"],
        [new[] { double.NaN, double.NegativeInfinity, -1.5 }, "[\"NaN\",\"-Infinity\",-1.5]"],
        [new[] { float.PositiveInfinity, 2 }, "[\"Infinity\",2]"], [double.PositiveInfinity, "Infinity"],
        [new[] { Guid.Empty }, "[\"00000000-0000-0000-0000-000000000000\"]"], [new[] { 'x', '7' }, "[\"x\",\"7\"]"],
        [new[] { DayOfWeek.Friday }, "[\"Friday\"]"], [new object[] { new long[] { 1, 2 }, 1.5m }, "[[1,2],1.5]"],
        ["a\ud83d", "a\ufffd"], [new[] { "a\ud83d", "b" }, "[\"a\ufffd\",\"b\"]"], [new[] { '\ud83d' }, "[\"\ufffd\"]"],
    ];

    [TestCaseSource(nameof(Values))]
    public async Task Tag_value_becomes_a_label_value(object? value, string text)
    {
        await using var host = await StartHostAsync();
        host.CreateMeter().CreateCounter<int>("hits").Add(1, Tag("tag", value));

        Assert.That(await GetSeriesAsync(host), Is.EqualTo(
            $"hits_total{{otel_scope_name=\"Acme\",tag=\"{text.Replace("\\", "\\\\").Replace("\"", "\\\"").Replace("\n", "\\n")}\"}} 1.0"));
    }

    [Test]
    public void Text_of_a_tag_is_independent_of_the_culture()
    {
        CultureInfo.CurrentCulture = new CultureInfo("")
        {
            NumberFormat = new() { NumberDecimalSeparator = ",", NegativeSign = "~", NegativeInfinitySymbol = "~∞" },
        };
        object[] values = [-1.5, 12.5m, -7, double.NegativeInfinity, new[] { -1.5 }, new object[] { 12.5m, -7L }];

        Assert.That(
            values.Select(TagText.Format),
            Is.EqualTo(new[] { "-1.5", "12.5", "-7", "-Infinity", "[-1.5]", "[12.5,-7]" }));
    }

    [Test]
    public async Task Value_that_cannot_be_formatted_becomes_its_type_and_the_exception()
    {
        await using var host = await StartHostAsync();
        host.CreateMeter().CreateCounter<int>("hits").Add(
            1, Tag("a", new Broken()), Tag("b", new object[] { 1, new Broken() }), Tag("c", Broken.Enumerate()));

        var (text, enumerable) = ($"{typeof(Broken)} threw {typeof(NotSupportedException)}", Broken.Enumerate().GetType());
        Assert.That(await GetSeriesAsync(host), Is.EqualTo(
            $"hits_total{{a=\"{text}\",b=\"[1,\\\"{text}\\\"]\",c=\"{enumerable} threw {typeof(NotSupportedException)}\"," +
            "otel_scope_name=\"Acme\"} 1.0"));
    }

    [Test]
    public async Task Unpaired_surrogates_in_the_key_of_a_tag_are_replaced_in_UTF_8()
    {
        await using var host = await StartHostAsync(
            meters: options => options.TranslationStrategy = TranslationStrategy.NoTranslation);
        host.CreateMeter().CreateCounter<int>("hits_total").Add(1, Tag("a\ud83d", 1), Tag("a\ude00", 2), Tag("b😀", 3));

        Assert.That(await GetSeriesAsync(host), Is.EqualTo("hits_total{a_=\"1;2\",b_=\"3\",otel_scope_name=\"Acme\"} 1.0"));
    }

    [TestCase("..name..", "_name__")]
    [TestCase("4-name😀é", "_name__")]
    [TestCase("__name__", "_name__")]
    [TestCase("__éname__", "_name__")]
    [TestCase(".name.", "_name_")]
    public async Task No_label_replaces_the_metric_name_in_UTF_8(string tag, string label)
    {
        await using var host = await StartHostAsync(
            meters: options => options.TranslationStrategy = TranslationStrategy.NoUtf8EscapingWithSuffixes);
        host.CreateMeter().CreateCounter<int>("hits").Add(1, Tag(tag, 1));

        Assert.That(await host.GetTextAsync(), Does.Contain($"{label}=\"1\"").And.Not.Contain("__name__"));
    }

    [Test]
    public async Task Tags_whose_labels_collide_are_joined_in_the_order_of_their_keys()
    {
        await using var host = await StartHostAsync();
        host.CreateMeter().CreateCounter<int>("hits").Add(
            1, Tag("a_b", "3"), Tag("a-b", "1"), Tag("a.b", "2"), Tag("otel_scope_name", "mine"));

        Assert.That(await GetSeriesAsync(host), Is.EqualTo(
            "hits_total{a_b=\"1;2;3\",otel_scope_name=\"Acme;mine\"} 1.0"));
    }

    [TestCase("a.b", "a-b", "a_b=\"1;2\",otel_scope_name=\"Acme\"")]
    [TestCase("5xx", "4xx", "_xx=\"1;2\",otel_scope_name=\"Acme\"")]
    [TestCase("_xx", "4xx", "_xx=\"1;2\",otel_scope_name=\"Acme\"")]
    [TestCase("a..b", "a.b", "a__b=\"2\",a_b=\"1\",otel_scope_name=\"Acme\"")]
    [TestCase("名前", "a", "a=\"1\",otel_scope_name=\"Acme\",__=\"2\"")]
    [TestCase("名前", "été", "otel_scope_name=\"Acme\",_t_=\"1\",__=\"2\"")]
    [TestCase("名前", "😀é", "otel_scope_name=\"Acme\",__=\"2;1\"")]
    public async Task Tags_that_collide_for_readers_of_legacy_names_are_joined_in_UTF_8_too(
        string first, string second, string labels)
    {
        await using var host = await StartHostAsync(
            meters: options => options.TranslationStrategy = TranslationStrategy.NoUtf8EscapingWithSuffixes);
        host.CreateMeter().CreateCounter<int>("hits").Add(1, Tag(first, "2"), Tag(second, "1"));

        Assert.That(await GetSeriesAsync(host), Is.EqualTo($"hits_total{{{labels}}} 1.0"));
    }

    [Test]
    public async Task Tag_that_the_format_reserves_is_renamed()
    {
        await using var host = await StartHostAsync();
        var meter = host.CreateMeter();
        meter.CreateCounter<int>("hits").Add(1, Tag("le", "1"), Tag("__name__", "evil"));
        meter.CreateHistogram("sizes", advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [] })
            .Record(1, Tag("le", "mine"));

        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            "# HELP hits_total \n# TYPE hits_total counter\n" +
            "hits_total{_name_=\"evil\",le=\"1\",otel_scope_name=\"Acme\"} 1.0\n" +
            "# HELP sizes \n# TYPE sizes histogram\n" +
            "sizes_bucket{exported_le=\"mine\",le=\"+Inf\",otel_scope_name=\"Acme\"} 1.0\n" +
            "sizes_count{exported_le=\"mine\",otel_scope_name=\"Acme\"} 1.0\n" +
            "sizes_sum{exported_le=\"mine\",otel_scope_name=\"Acme\"} 1.0\n"));
    }

    [Test]
    public async Task Scope_has_labels_for_its_version_and_its_tags()
    {
        await using var host = await StartHostAsync();
        using var meter = new Meter(new MeterOptions("Acme")
        {
            Version = "1.2",
            TelemetrySchemaUrl = "https://example.org/1",
            Tags = [Tag("pool.size", 3), Tag("name", "dropped"), Tag("schema.url", "dropped"), Tag("_name", "dropped"), Tag(".version", "dropped")],
        });
        meter.CreateCounter<int>("hits").Add(1);

        Assert.That(await GetSeriesAsync(host), Is.EqualTo(
            "hits_total{otel_scope_name=\"Acme\",otel_scope_pool_size=\"3\"," +
            "otel_scope_schema_url=\"https://example.org/1\",otel_scope_version=\"1.2\"} 1.0"));
    }

    [Test]
    public async Task Scope_labels_can_be_omitted()
    {
        await using var host = await StartHostAsync(meters: options => options.ScopeLabels = false);
        host.CreateMeter().CreateCounter<int>("hits").Add(1);

        Assert.That(await GetSeriesAsync(host), Is.EqualTo("hits_total 1.0"));
    }

    [Test]
    public async Task Equal_series_of_two_meters_are_an_error_without_scope_labels()
    {
        var logger = new ListLogger();
        await using var host = await StartHostAsync(
            services => services.AddSingleton<Microsoft.Extensions.Logging.ILogger<OrchestratorMetricsRegistry>>(logger)
                .AddOrchestratorMetrics().AddMeters("Other"),
            options => options.ScopeLabels = false);
        host.CreateMeter().CreateCounter<int>("hits").Add(1);
        host.CreateMeter("Other").CreateCounter<int>("hits").Add(1);

        using var response = await host.Client.GetAsync("/api/metrics");

        Assert.That((int)response.StatusCode, Is.EqualTo(500));
        Assert.That(
            (await logger.WaitForAsync(entry => entry.Exception is not null)).Exception!.Message,
            Does.Contain("duplicate series: metric family 'hits' has two samples without labels"));
    }

    [Test]
    public async Task More_label_names_than_columns_are_kept()
    {
        await using var host = await StartHostAsync();
        var hits = host.CreateMeter().CreateCounter<int>("hits");
        for (var i = 0; i < 200; i++)
            hits.Add(i, Tag($"key{i}", "x"), Tag("common", i));

        var text = await host.GetTextAsync();

        for (var i = 0; i < 200; i++)
            Assert.That(text, Does.Match($"hits_total\\{{common=\"{i}\",key{i}=\"x\",otel_scope_name=\"Acme\"\\}} {i}\\.0\n"));
    }

    private static async Task<string> GetSeriesAsync(TestHost host) =>
        (await host.GetTextAsync()).Split('\n').Single(line => line.StartsWith("hits_total", StringComparison.Ordinal));

    private sealed class Broken
    {
        public static IEnumerable<int> Enumerate()
        {
            yield return 1;
            throw new NotSupportedException();
        }

        public override string ToString() => throw new NotSupportedException();
    }
}
