using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using static Orchestrator.Metrics.Tests.MeterHost;

namespace Orchestrator.Metrics.Tests;

public class ExpositionTests
{
    [Test]
    public async Task Prometheus_text_contains_every_kind_of_instrument()
    {
        await using var host = await StartHostAsync();
        Record(host.CreateMeter());

        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            """
            # HELP acme_hits_total Pages "served".
            # TYPE acme_hits_total counter
            acme_hits_total{otel_scope_name="Acme",page="a\"b\\c\n"} 3.0
            acme_hits_total{otel_scope_name="Acme",page="é",user_role="admin"} 1.0
            # HELP acme_traffic_bytes_total 
            # TYPE acme_traffic_bytes_total counter
            acme_traffic_bytes_total{otel_scope_name="Acme"} 0.5
            # HELP acme_seen_total 
            # TYPE acme_seen_total counter
            acme_seen_total{otel_scope_name="Acme"} 42.0
            # HELP acme_waiting 
            # TYPE acme_waiting gauge
            acme_waiting{otel_scope_name="Acme"} -2.0
            # HELP acme_open 
            # TYPE acme_open gauge
            acme_open{otel_scope_name="Acme"} 7.0
            # HELP acme_temperature_celsius 
            # TYPE acme_temperature_celsius gauge
            acme_temperature_celsius{otel_scope_name="Acme"} 21.5
            # HELP acme_load_percent 
            # TYPE acme_load_percent gauge
            acme_load_percent{otel_scope_name="Acme"} 99.0
            # HELP acme_duration_seconds Time.
            # TYPE acme_duration_seconds histogram
            acme_duration_seconds_bucket{le="1.0",otel_scope_name="Acme"} 1.0
            acme_duration_seconds_bucket{le="2.5",otel_scope_name="Acme"} 2.0
            acme_duration_seconds_bucket{le="+Inf",otel_scope_name="Acme"} 3.0
            acme_duration_seconds_count{otel_scope_name="Acme"} 3.0
            acme_duration_seconds_sum{otel_scope_name="Acme"} 12.5

            """));
    }

    [Test]
    public async Task OpenMetrics_has_units_created_timestamps_and_the_resource()
    {
        await using var host = await StartHostAsync(
            services => services.AddOpenTelemetry().ConfigureResource(resource => resource.Clear().AddAttributes(
                [new("service.name", "acme"), new("ports", new long[] { 1, 2 }), new("on", true)])),
            options => (options.TargetInfo, options.CreatedTimestamps) = (true, true));
        var meter = host.CreateMeter();
        meter.CreateCounter<long>("traffic", "By", "Bytes sent.").Add(5);
        CreateHistogram(meter).Record(0.5);

        var text = await host.GetOpenMetricsAsync();

        Assert.That(text, Is.EqualTo(
            """
            # HELP target Target metadata
            # TYPE target info
            target_info{on="true",ports="[1,2]",service_name="acme"} 1.0
            # HELP traffic_bytes Bytes sent.
            # TYPE traffic_bytes counter
            # UNIT traffic_bytes bytes
            traffic_bytes_total{otel_scope_name="Acme"} 5.0
            traffic_bytes_created{otel_scope_name="Acme"} T
            # HELP acme_duration_seconds Time.
            # TYPE acme_duration_seconds histogram
            # UNIT acme_duration_seconds seconds
            acme_duration_seconds_bucket{le="1.0",otel_scope_name="Acme"} 1.0
            acme_duration_seconds_bucket{le="2.5",otel_scope_name="Acme"} 1.0
            acme_duration_seconds_bucket{le="+Inf",otel_scope_name="Acme"} 1.0
            acme_duration_seconds_count{otel_scope_name="Acme"} 1.0
            acme_duration_seconds_sum{otel_scope_name="Acme"} 0.5
            acme_duration_seconds_created{otel_scope_name="Acme"} T
            # EOF

            """));
    }

    [Test]
    public async Task Exemplars_have_their_trace_their_span_and_the_tags_that_a_view_removed()
    {
        await using var host = await StartHostAsync(services => services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .SetExemplarFilter(ExemplarFilterType.AlwaysOn)
            .AddView("*", new MetricStreamConfiguration { TagKeys = ["kept"] })));
        var meter = host.CreateMeter();
        var hits = meter.CreateCounter<long>("hits");
        var sizes = meter.CreateHistogram("sizes", "By", advice: CreateAdvice(10, 20));
        using var span = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        hits.Add(2, Tag("kept", 1), Tag("user.id", "u1"), Tag("long", new string('x', 100)));
        sizes.Record(5);
        sizes.Record(15);
        sizes.Record(25);

        var ids = $"span_id=\"{span.SpanId}\",trace_id=\"{span.TraceId}\"";
        Assert.That(await host.GetOpenMetricsAsync(), Is.EqualTo(
            $$"""
            # HELP hits 
            # TYPE hits counter
            hits_total{kept="1",otel_scope_name="Acme"} 2.0 # {{{ids}},user_id="u1"} 2.0 T
            # HELP sizes_bytes 
            # TYPE sizes_bytes histogram
            # UNIT sizes_bytes bytes
            sizes_bytes_bucket{le="10.0",otel_scope_name="Acme"} 1.0 # {{{ids}}} 5.0 T
            sizes_bytes_bucket{le="20.0",otel_scope_name="Acme"} 2.0 # {{{ids}}} 15.0 T
            sizes_bytes_bucket{le="+Inf",otel_scope_name="Acme"} 3.0 # {{{ids}}} 25.0 T
            sizes_bytes_count{otel_scope_name="Acme"} 3.0
            sizes_bytes_sum{otel_scope_name="Acme"} 45.0
            # EOF

            """));
    }

    [Test]
    public async Task Created_timestamp_is_the_start_of_the_instrument()
    {
        var before = DateTimeOffset.UtcNow;
        await using var host = await StartHostAsync(meters: options => options.CreatedTimestamps = true);
        host.CreateMeter().CreateCounter<int>("hits").Add(1);

        var snapshot = await host.Services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync();

        Assert.That(snapshot.TryGetValue("hits_created", out var created, ("otel_scope_name", "Acme")));
        Assert.That(DateTimeOffset.UnixEpoch.AddSeconds(created), Is.InRange(before.AddMilliseconds(-1), DateTimeOffset.UtcNow));
    }

    [TestCase("user.name")]
    [TestCase("user..name")]
    [TestCase("2nd.user")]
    [TestCase("..user")]
    [TestCase("é😀user")]
    public async Task Labels_dropped_by_their_original_name_are_dropped_from_exemplars(string tag)
    {
        await using var host = await StartHostAsync(
            services => services.AddOpenTelemetry().WithMetrics(metrics => metrics
                .SetExemplarFilter(ExemplarFilterType.AlwaysOn)
                .AddView("*", new MetricStreamConfiguration { TagKeys = ["kept"] })),
            meters: options => options.TranslationStrategy = TranslationStrategy.NoUtf8EscapingWithSuffixes,
            args: ["--OrchestratorMetrics:Collectors:Meters:DropLabels:0", tag]);
        host.CreateMeter().CreateCounter<int>("hits").Add(1, Tag(tag, "SECRET"), Tag("other", "x"));

        Assert.That(await host.GetOpenMetricsAsync(), Does.Contain(
            "\nhits_total{otel_scope_name=\"Acme\"} 1.0 # {other=\"x\"} 1.0 T\n"));
    }

    [Test]
    public async Task Names_outside_the_legacy_character_set_are_served_to_readers_that_allow_them()
    {
        await using var host = await StartHostAsync(
            meters: options => options.TranslationStrategy = TranslationStrategy.NoUtf8EscapingWithSuffixes);
        host.CreateMeter().CreateCounter<int>("acme.traffic", "By").Add(1, Tag("user.role", "x"));

        Assert.Multiple(async () =>
        {
            Assert.That(
                await host.GetOpenMetricsAsync(parameters: "; version=1.0.0; escaping=allow-utf-8"),
                Does.Contain("\n{\"acme.traffic_bytes_total\",otel_scope_name=\"Acme\",\"user.role\"=\"x\"} 1.0\n"));
            Assert.That(
                await host.GetOpenMetricsAsync(),
                Does.Contain("\nacme_traffic_bytes_total{otel_scope_name=\"Acme\",user_role=\"x\"} 1.0\n"));
        });
    }

    [Test]
    public async Task Counters_without_suffixes_are_counters_in_the_text_formats()
    {
        await using var host = await StartHostAsync(meters: options =>
            (options.TranslationStrategy, options.CreatedTimestamps) = (TranslationStrategy.NoTranslation, true));
        host.CreateMeter().CreateCounter<int>("hits", "{hit}").Add(1);

        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            "# HELP hits \n# TYPE hits counter\nhits{otel_scope_name=\"Acme\"} 1.0\n"));
        Assert.That(await host.GetOpenMetricsAsync(), Does.Contain("# TYPE hits unknown\n"));
    }

    [Test]
    public async Task Name_parameters_select_families_and_samples()
    {
        await using var host = await StartHostAsync();
        Record(host.CreateMeter());

        Assert.That(
            await host.GetTextAsync("?name[]=acme_hits_total&name[]=acme_duration_seconds_count&name[]=none"), Is.EqualTo(
            "# HELP acme_hits_total Pages \"served\".\n# TYPE acme_hits_total counter\n" +
            "acme_hits_total{otel_scope_name=\"Acme\",page=\"a\\\"b\\\\c\\n\"} 3.0\n" +
            "acme_hits_total{otel_scope_name=\"Acme\",page=\"é\",user_role=\"admin\"} 1.0\n" +
            "# HELP acme_duration_seconds Time.\n# TYPE acme_duration_seconds histogram\n" +
            "acme_duration_seconds_count{otel_scope_name=\"Acme\"} 3.0\n"));
    }

    [Test]
    public async Task Exposition_is_valid_for_the_strict_parser_and_for_promtool()
    {
        await using var host = await StartHostAsync(meters: options => options.TargetInfo = true);
        Record(host.CreateMeter());

        var openMetrics = await host.GetOpenMetricsAsync();
        Assert.DoesNotThrow(() => MetricsSnapshot.Parse(openMetrics, ExpositionParseMode.StrictOpenMetrics));
        Assert.That(await Promtool.CheckMetricsAsync(await host.GetTextAsync()), Has.None.StartsWith("error"));
    }

    private static void Record(Meter meter)
    {
        var hits = meter.CreateCounter<long>("acme.hits", "{hit}", "Pages \"served\".");
        hits.Add(3, Tag("page", "a\"b\\c\n"));
        hits.Add(1, Tag("user.role", "admin"), Tag("page", "é"));
        meter.CreateCounter<double>("acme.traffic", "By").Add(0.5);
        meter.CreateObservableCounter("acme.seen", () => 42);
        meter.CreateUpDownCounter<int>("acme.waiting").Add(-2);
        meter.CreateObservableUpDownCounter("acme.open", () => 7L);
        meter.CreateGauge<double>("acme.temperature", "Cel").Record(21.5);
        meter.CreateObservableGauge("acme-load", () => 99, "%");
        var duration = CreateHistogram(meter);
        duration.Record(0.5);
        duration.Record(2);
        duration.Record(10);
    }

    private static Histogram<double> CreateHistogram(Meter meter) => meter.CreateHistogram(
        "acme.duration", "s", "Time.", advice: CreateAdvice(1, 2.5));

    private static InstrumentAdvice<double> CreateAdvice(params double[] bounds) =>
        new() { HistogramBucketBoundaries = bounds };
}
