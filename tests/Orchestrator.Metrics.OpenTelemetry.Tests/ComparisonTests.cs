using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using static Orchestrator.Metrics.Tests.MeterHost;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Compares the Prometheus exporter of OpenTelemetry with our endpoint in one host, for the same instruments. In
/// OpenMetrics, the families, types, units, help texts, labels, values and exemplars are equal, except for intended
/// differences.
/// </summary>
public class ComparisonTests
{
    [Test]
    public async Task OpenMetrics_equals_that_of_the_exporter_of_OpenTelemetry_except_for_intended_differences()
    {
        await using var host = await StartAsync();
        using var meter = Record(host);
        using var span = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        meter.CreateCounter<long>("traced").Add(3, Tag("site", "a"));
        meter.CreateHistogram<double>("traced.duration", "s").Record(0.3);

        var theirs = ParseLines(await host.GetOpenMetricsAsync("/theirs"));
        var ours = ParseLines(await host.GetOpenMetricsAsync());

        Assert.Multiple(() =>
        {
            Assert.That(
                string.Join('\n', theirs.Except(ours)),
                Is.EqualTo(string.Join('\n', SortLines(difference => difference.Theirs))));
            Assert.That(
                string.Join('\n', ours.Except(theirs)),
                Is.EqualTo(string.Join('\n', SortLines(difference => difference.Ours))));
            Assert.That(ours, Has.Count.GreaterThan(100));
        });
    }

    private static readonly (string Unit, string Theirs, string Ours)[] OtherUnits =
    [
        // In UCUM, B is bel. The library keeps units that are not UCUM.
        ("B", "bytes", "B"), ("KB", "kilobytes", "KB"), ("MB", "megabytes", "MB"), ("GB", "gigabytes", "GB"),
        ("TB", "terabytes", "TB"), ("$", "dollars", ""),

        // UCUM units that the exporter translates wrongly or does not know.
        ("TiBy", "tibibytes", "tebibytes"), ("kBy", "kBy", "kilobytes"), ("By/min", "bytes_per_min", "bytes_per_minute"),
        ("By/{request}", "By", "bytes"),
    ];

    private static readonly (string Why, string[] Theirs, string[] Ours)[] IntendedDifferences =
    [
        ("Words of units.",
            [.. OtherUnits.Index().SelectMany(other => FormatUnitLines(other.Index, other.Item.Theirs))],
            [.. OtherUnits.Index().SelectMany(other => FormatUnitLines(other.Index, other.Item.Ours))]),
        ("The suffix _total is found after characters are escaped, so the name has the unit once.",
            [
                "# dotted_bytes_total_bytes Counter 'bytes' ", "dotted_bytes_total_bytes_created{otel_scope_name=\"Acme\"} 1",
                "dotted_bytes_total_bytes_total{otel_scope_name=\"Acme\"} 1 # {} 1",
            ],
            [
                "# dotted_bytes Counter 'bytes' ", "dotted_bytes_created{otel_scope_name=\"Acme\"} 1",
                "dotted_bytes_total{otel_scope_name=\"Acme\"} 1 # {} 1",
            ]),
        ("A leading digit gets an underscore. The exporter loses it.",
            [
                "# _st_name Counter '' ", "_st_name_created{otel_scope_name=\"Acme\"} 1",
                "_st_name_total{otel_scope_name=\"Acme\"} 1 # {} 1",
            ],
            [
                "# _1st_name Counter '' ", "_1st_name_created{otel_scope_name=\"Acme\"} 1",
                "_1st_name_total{otel_scope_name=\"Acme\"} 1 # {} 1",
            ]),
        ("No label is named __name__, with which Prometheus rejects a scrape.",
            [
                "reserved_created{FAULT__name__=\"evil\",le=\"1\",otel_scope_name=\"Acme\"} 1",
                "reserved_total{FAULT__name__=\"evil\",le=\"1\",otel_scope_name=\"Acme\"} 1 # {} 1",
            ],
            [
                "reserved_created{_name_=\"evil\",le=\"1\",otel_scope_name=\"Acme\"} 1",
                "reserved_total{_name_=\"evil\",le=\"1\",otel_scope_name=\"Acme\"} 1 # {} 1",
            ]),
        ("Arrays and numbers are written as the specification requires.",
            [
                "array_created{items=\"System.String[]\",otel_scope_name=\"Acme\",whole=\"2.0\"} 1",
                "array_total{items=\"System.String[]\",otel_scope_name=\"Acme\",whole=\"2.0\"} 1 # {} 1",
            ],
            [
                "array_created{items=\"[\"a\",\"b\"]\",otel_scope_name=\"Acme\",whole=\"2\"} 1",
                "array_total{items=\"[\"a\",\"b\"]\",otel_scope_name=\"Acme\",whole=\"2\"} 1 # {} 1",
            ]),
        ("A tag named le is renamed. The exporter drops it, which can make two series equal.",
            [
                "reserved_le_bucket{le=\"+Inf\",otel_scope_name=\"Acme\"} 1",
                "reserved_le_bucket{le=\"10.0\",otel_scope_name=\"Acme\"} 1 # {} 1",
                "reserved_le_count{otel_scope_name=\"Acme\"} 1", "reserved_le_created{otel_scope_name=\"Acme\"} 1",
                "reserved_le_sum{otel_scope_name=\"Acme\"} 1",
            ],
            [
                "reserved_le_bucket{exported_le=\"mine\",le=\"+Inf\",otel_scope_name=\"Acme\"} 1",
                "reserved_le_bucket{exported_le=\"mine\",le=\"10.0\",otel_scope_name=\"Acme\"} 1 # {} 1",
                "reserved_le_count{exported_le=\"mine\",otel_scope_name=\"Acme\"} 1",
                "reserved_le_created{exported_le=\"mine\",otel_scope_name=\"Acme\"} 1",
                "reserved_le_sum{exported_le=\"mine\",otel_scope_name=\"Acme\"} 1",
            ]),
    ];

    private static string[] FormatUnitLines(int index, string word)
    {
        var name = $"other_unit{index}{(word.Length > 0 ? "_" : "")}{word}";
        return [$"# {name} Gauge '{word}' ", $"{name}{{otel_scope_name=\"Acme\"}} 1"];
    }

    private static IEnumerable<string> SortLines(
        Func<(string Why, string[] Theirs, string[] Ours), string[]> lines) =>
        IntendedDifferences.SelectMany(lines).Order(StringComparer.Ordinal);

    private static Task<TestHost> StartAsync() => TestHost.StartAsync(
        services =>
        {
            services.AddOrchestratorMetrics().AddMeters("Acme*");
            services.AddOpenTelemetry().WithMetrics(metrics => metrics
                .SetExemplarFilter(ExemplarFilterType.AlwaysOn)
                .AddPrometheusExporter(options => options.ScrapeResponseCacheDurationMilliseconds = 0)
                .AddView("renamed", "new.name")
                .AddView("digit", "1st.name")
                .AddView("unicode", "größe")
                .AddView("filtered", new MetricStreamConfiguration { TagKeys = ["kept"] })
                .AddView("bounds", new ExplicitBucketHistogramConfiguration { Boundaries = [0.1, 1, 1e6] })
                .AddView("crowded", new MetricStreamConfiguration { CardinalityLimit = 3 }));
        },
        app =>
        {
            app.MapOrchestratorMetrics();
            app.MapPrometheusScrapingEndpoint("/theirs");
        });

    private static Meter Record(TestHost host)
    {
        var meter = host.CreateMeter();
        string[] units =
        [
            "s", "ms", "us", "ns", "min", "h", "d", "By", "KiBy", "MiBy", "GiBy", "KBy", "MBy", "GBy", "TBy", "V", "A", "J",
            "W", "g", "m", "Hz", "Cel", "%", "1", "{packet}", "By/s", "m/s", "{request}/s", "acme",
        ];
        foreach (var (i, unit) in units.Index())
        {
            meter.CreateCounter<long>($"counter.unit{i}", unit, "Counts.").Add(7);
            meter.CreateGauge<double>($"gauge.unit{i}", unit, "Level \"q\" \\ \n.").Record(-1.5e-300);
        }

        foreach (var (i, (unit, _, _)) in OtherUnits.Index())
            meter.CreateGauge<int>($"other.unit{i}", unit).Record(1);
        meter.CreateCounter<double>("dots.and-dashes/x").Add(0.25, Tag("http.method", "GET"), Tag("status", 200));
        meter.CreateCounter<int>("with_total").Add(1);
        meter.CreateCounter<int>("traffic_bytes_total", "By").Add(1);
        meter.CreateCounter<int>("jobs.total").Add(1);
        meter.CreateCounter<int>("dotted.bytes.total", "By").Add(1);
        meter.CreateCounter<int>("dotted.duration.seconds", "s").Add(1);
        meter.CreateUpDownCounter<long>("updown").Add(-4);
        meter.CreateObservableGauge("observed", () => 12);
        meter.CreateHistogram<double>("default.bounds").Record(42, Tag("é", "ü\"\\\n"));
        meter.CreateHistogram<double>("bounds", "s").Record(0.5);
        meter.CreateCounter<int>("joined").Add(1, Tag("a.b", "2"), Tag("a-b", "1"), Tag("otel.scope.name", "x"));
        meter.CreateCounter<int>("texts").Add(1, Tag("flag", true), Tag("none", null), Tag("number", 1.5));
        foreach (var view in (string[])["renamed", "digit", "unicode"])
            meter.CreateCounter<int>(view).Add(1);
        meter.CreateCounter<int>("filtered").Add(1, Tag("kept", "k"), Tag("dropped", "d"));
        var crowded = meter.CreateCounter<int>("crowded");
        for (var i = 0; i < 6; i++)
            crowded.Add(1, Tag("i", i));
        meter.CreateCounter<int>("reserved").Add(1, Tag("__name__", "evil"), Tag("le", "1"));
        meter.CreateCounter<int>("array").Add(1, Tag("items", new[] { "a", "b" }), Tag("whole", 2.0));
        meter.CreateHistogram("reserved.le", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [10] })
            .Record(1, Tag("le", "mine"));
        meter.CreateObservableCounter("negative", () => -3);
        meter.CreateObservableCounter("nan", () => double.NaN);
        meter.CreateHistogram<double>("negative.sum").Record(-5);
        var scope = new Meter(new MeterOptions("Acme.Scope")
        {
            Version = "1.0",
            TelemetrySchemaUrl = "https://example.org",
            Tags = [Tag("pool.size", 3), Tag("name", "x")],
        });
        scope.CreateCounter<int>("dots.and-dashes/x").Add(1);
        return scope;
    }

    private static SortedSet<string> ParseLines(string openMetrics) => new(
        MetricsSnapshot.Parse(openMetrics
            .Replace(" T\n", " 1\n", StringComparison.Ordinal)
            .Replace(",__name__=", ",FAULT__name__=", StringComparison.Ordinal)).Families.SelectMany(family => family.Samples
            .Select(sample => $"{sample.Name}{sample.Labels} {sample.Value:R}{FormatExemplar(sample)}")
            .Prepend($"# {family.Name} {family.Type} '{family.Unit}' {family.Help}")),
        StringComparer.Ordinal);

    private static string FormatExemplar(MetricSample sample) =>
        sample.Exemplar is { } exemplar ? $" # {exemplar.Labels} {exemplar.Value:R}" : "";
}
