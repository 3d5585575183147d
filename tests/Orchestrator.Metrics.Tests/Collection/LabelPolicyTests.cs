using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>Labels that the options of a collector drop, hash, map and add.</summary>
public class LabelPolicyTests
{
    private const string Key = "a key of sixteen characters";

    [Test]
    public async Task Dropped_labels_of_gauges_and_counters_are_summed_away()
    {
        var gauge = MetricFamily.Gauge("acme_jobs", "Jobs.", "site", "user");
        gauge.Add(1, "north", "ada");
        gauge.Add(2, "north", "bob");
        gauge.Add(4, "south", "ada");
        var counter = MetricFamily.Counter("acme_hits", "Hits.", "user");
        counter.Add(MetricPoint.Counter(5, DateTimeOffset.FromUnixTimeSeconds(100), Exemplar("a", 1)), "ada");
        counter.Add(MetricPoint.Counter(6, DateTimeOffset.FromUnixTimeSeconds(50), Exemplar("b", 2)), "bob");

        Assert.That(await ExpositionAsync(options => options.DropLabels = ["user"], gauge, counter), Is.EqualTo("""
            # HELP acme_jobs Jobs.
            # TYPE acme_jobs gauge
            acme_jobs{site="north"} 3.0
            acme_jobs{site="south"} 4.0
            # HELP acme_hits Hits.
            # TYPE acme_hits counter
            acme_hits_total 11.0 # {trace_id="b"} 0.5 2.0
            acme_hits_created 50.0
            # EOF

            """));
    }

    [Test]
    public async Task Summed_histograms_have_the_bounds_of_all_their_parts()
    {
        var histogram = MetricFamily.Histogram("acme_seconds", "Times.", "user");
        histogram.Add(
            MetricPoint.Histogram(
                [new(1, 2, Exemplar("a", 1)), new(4, 5), new(double.PositiveInfinity, 6)], 10,
                DateTimeOffset.FromUnixTimeSeconds(9)),
            "ada");
        histogram.Add(
            MetricPoint.Histogram(
                [new(1, 10), new(2, 20, Exemplar("b", 5)), new(double.PositiveInfinity, 30)], 100,
                DateTimeOffset.FromUnixTimeSeconds(8)),
            "bob");

        Assert.That(await ExpositionAsync(options => options.DropLabels = ["user"], histogram), Is.EqualTo("""
            # HELP acme_seconds Times.
            # TYPE acme_seconds histogram
            acme_seconds_bucket{le="1.0"} 12.0 # {trace_id="a"} 0.5 1.0
            acme_seconds_bucket{le="2.0"} 22.0 # {trace_id="b"} 0.5 5.0
            acme_seconds_bucket{le="4.0"} 25.0
            acme_seconds_bucket{le="+Inf"} 36.0
            acme_seconds_count 36.0
            acme_seconds_sum 110.0
            acme_seconds_created 8.0
            # EOF

            """));
    }

    [Test]
    public async Task Sum_and_count_of_histograms_are_omitted_if_a_part_lacks_them()
    {
        var histogram = MetricFamily.GaugeHistogram("acme_sizes", "Sizes.", "user");
        histogram.Add(MetricPoint.GaugeHistogram([new(double.PositiveInfinity, 6)], 10), "ada");
        histogram.Add(MetricPoint.GaugeHistogram([new(1, 1), new(double.PositiveInfinity, 2)]), "bob");

        Assert.That(await ExpositionAsync(options => options.DropLabels = ["user"], histogram), Is.EqualTo("""
            # HELP acme_sizes Sizes.
            # TYPE acme_sizes gaugehistogram
            acme_sizes_bucket{le="1.0"} 1.0
            acme_sizes_bucket{le="+Inf"} 8.0
            # EOF

            """));
    }

    [Test]
    public async Task Creation_time_stays_with_its_counter()
    {
        var counter = MetricFamily.Counter("acme_hits", "Hits.", "site", "user");
        counter.Add(1, "north", "ada");
        counter.Add(2, "south", "ada");
        counter.Add(MetricPoint.Counter(3, DateTimeOffset.FromUnixTimeSeconds(100)), "north", "bob");

        Assert.That(await ExpositionAsync(options => options.DropLabels = ["user"], counter), Does.Contain(
            "acme_hits_total{site=\"north\"} 4.0\nacme_hits_created{site=\"north\"} 100.0\nacme_hits_total{site=\"south\"}"));
    }

    [Test]
    public async Task All_samples_of_a_summed_histogram_have_the_latest_timestamp()
    {
        var histogram = MetricFamily.Histogram("acme_seconds", "Times.", "user");
        histogram.Add(
            MetricPoint.Histogram(
                [new(1, 2), new(double.PositiveInfinity, 6)], timestamp: DateTimeOffset.FromUnixTimeSeconds(10)), "ada");
        histogram.Add(
            MetricPoint.Histogram(
                [new(2, 2), new(double.PositiveInfinity, 6)], timestamp: DateTimeOffset.FromUnixTimeSeconds(20)), "bob");

        Assert.That(await ExpositionAsync(options => options.DropLabels = ["user"], histogram), Does.Contain(
            "acme_seconds_bucket{le=\"1.0\"} 2.0 20.0\nacme_seconds_bucket{le=\"2.0\"} 4.0 20.0\n"));
    }

    [Test]
    public async Task Summed_summaries_have_no_quantiles()
    {
        var summary = MetricFamily.Summary("acme_seconds", "Times.", "user");
        summary.Add(MetricPoint.Summary(2, 3, [new(0.5, 1)]), "ada");
        summary.Add(MetricPoint.Summary(4, 5, [new(0.5, 2)]), "bob");

        Assert.That(await ExpositionAsync(options => options.DropLabels = ["user"], summary), Is.EqualTo("""
            # HELP acme_seconds Times.
            # TYPE acme_seconds summary
            acme_seconds_count 6.0
            acme_seconds_sum 8.0
            # EOF

            """));
    }

    [Test]
    public async Task Statesets_and_infos_that_become_one_series_fail_the_run()
    {
        var states = MetricFamily.StateSet("acme_state", "State.", "user");
        states.Add(MetricPoint.StateSet([new("on", true), new("off", false)]), "ada");
        states.Add(MetricPoint.StateSet([new("on", false), new("off", true)]), "bob");
        var info = MetricFamily.Info("acme_build", "Build.", "user");
        info.Add(MetricPoint.Info([new("version", "1")]), "ada");
        info.Add(MetricPoint.Info([new("version", "1")]), "bob");

        Assert.That(await FailureAsync(options => options.DropLabels = ["user"], states), Is.EqualTo(
            "Metric family 'acme_state' is of type StateSet, whose series cannot be summed, but without the dropped or " +
            "mapped labels two of them have the labels {acme_state=\"off\"}. Keep a label that distinguishes them."));
        Assert.That(await FailureAsync(options => options.DropLabels = ["user"], info), Does.Contain(
            "'acme_build' is of type Info").And.Contain("{version=\"1\"}"));
    }

    [Test]
    public async Task Statesets_and_infos_that_stay_apart_lose_the_label()
    {
        var states = MetricFamily.StateSet("acme_state", "State.", "user");
        states.Add(MetricPoint.StateSet([new("on", true)]), "ada");
        var info = MetricFamily.Info("acme_build", "Build.", "user");
        info.Add(MetricPoint.Info([new("version", "1")]), "ada");
        info.Add(MetricPoint.Info([new("version", "2"), new("os", "linux")]), "bob");

        Assert.That(await ExpositionAsync(options => options.DropLabels = ["user"], states, info), Is.EqualTo("""
            # HELP acme_state State.
            # TYPE acme_state stateset
            acme_state{acme_state="on"} 1.0
            # HELP acme_build Build.
            # TYPE acme_build info
            acme_build_info{version="1"} 1.0
            acme_build_info{os="linux",version="2"} 1.0
            # EOF

            """));
    }

    [Test]
    public async Task Mapped_labels_group_their_series()
    {
        var gauge = MetricFamily.Gauge("acme_jobs", "Jobs.", "customer");
        gauge.Add(1, "a-1");
        gauge.Add(2, "a-2");
        gauge.Add(4, "b-1");

        Assert.That(
            await ExpositionAsync(options => options.MapLabel("customer", value => value[..1]), gauge),
            Is.EqualTo("""
                # HELP acme_jobs Jobs.
                # TYPE acme_jobs gauge
                acme_jobs{customer="a"} 3.0
                acme_jobs{customer="b"} 4.0
                # EOF

                """));
    }

    [Test]
    public async Task Hashed_labels_are_the_start_of_an_HMAC_of_the_mapped_value()
    {
        var gauge = MetricFamily.Gauge("acme_jobs", "Jobs.", "user");
        gauge.Add(1, "Ada");
        gauge.Add(2, "");

        // printf ada | openssl dgst -sha256 -hmac 'a key of sixteen characters'
        Assert.That(
            await ExpositionAsync(
                options =>
                {
                    options.HashLabels = ["user"];
                    options.MapLabel("user", value => value.ToLowerInvariant());
                },
                gauge),
            Does.Contain($"acme_jobs{{user=\"5ee81a466b0f5716\"}} 1.0\nacme_jobs{{user=\"\"}} 2.0\n"));
    }

    [Test]
    public async Task Added_labels_and_prefix_are_in_every_series_of_every_type()
    {
        var gauge = MetricFamily.Gauge("jobs", "Jobs.", "user");
        gauge.Add(1, "ada");
        var states = MetricFamily.StateSet("zone_state", "State.");
        states.Add(MetricPoint.StateSet([new("on", true)]));
        var histogram = MetricFamily.Histogram("seconds", "Times.");
        histogram.Add(MetricPoint.Histogram([new(double.PositiveInfinity, 6)], 10));
        var info = MetricFamily.Info("build", "Build.");
        info.Add(MetricPoint.Info([new("version", "1")]));

        Assert.That(
            await ExpositionAsync(
                options =>
                {
                    options.AddLabels = new Dictionary<string, string> { ["site"] = "north" };
                    options.NamePrefix = "acme_";
                },
                gauge, states, histogram, info),
            Is.EqualTo("""
                # HELP acme_jobs Jobs.
                # TYPE acme_jobs gauge
                acme_jobs{site="north",user="ada"} 1.0
                # HELP acme_zone_state State.
                # TYPE acme_zone_state stateset
                acme_zone_state{acme_zone_state="on",site="north"} 1.0
                # HELP acme_seconds Times.
                # TYPE acme_seconds histogram
                acme_seconds_bucket{le="+Inf",site="north"} 6.0
                acme_seconds_count{site="north"} 6.0
                acme_seconds_sum{site="north"} 10.0
                # HELP acme_build Build.
                # TYPE acme_build info
                acme_build_info{site="north",version="1"} 1.0
                # EOF

                """));
    }

    [Test]
    public async Task Added_label_that_a_family_already_has_fails_the_run()
    {
        var gauge = MetricFamily.Gauge("acme_jobs", "Jobs.", "site");
        gauge.Add(1, "a");

        Assert.That(
            await FailureAsync(
                options => options.AddLabels = new Dictionary<string, string> { ["site"] = "b" }, gauge),
            Is.EqualTo("Label 'site' of metric family 'acme_jobs' with AddLabels occurs twice. Remove one of them."));
        var info = MetricFamily.Info("acme_build", "Build.");
        info.Add(MetricPoint.Info([new("site", "a")]));
        Assert.That(
            await FailureAsync(
                options => options.AddLabels = new Dictionary<string, string> { ["site"] = "b" }, info),
            Is.EqualTo("Label 'site' of metric family 'acme_build' with AddLabels occurs twice. Remove one of them."));
        Assert.That(
            await ExpositionAsync(
                options =>
                {
                    options.AddLabels = new Dictionary<string, string> { ["site"] = "b" };
                    options.DropLabels = ["site"];
                },
                gauge),
            Does.Contain("acme_jobs{site=\"b\"} 1.0"));
    }

    [Test]
    public async Task Exception_and_null_of_a_mapping_function_fail_the_run()
    {
        var gauge = MetricFamily.Gauge("acme_jobs", "Jobs.", "user");
        gauge.Add(1, "ada");

        Assert.That(
            await FailureAsync(options => options.MapLabel("user", _ => throw new FormatException("odd")), gauge),
            Is.EqualTo("odd"));
        Assert.That(
            await FailureAsync(options => options.MapLabel("user", _ => null!), gauge),
            Does.StartWith("A function of MapLabel returned null."));
    }

    [Test]
    public async Task Two_sources_of_one_family_live_on_one_endpoint_if_a_label_tells_them_apart()
    {
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Returning("acme_jobs", 1), options => Site(options, "north"))
            .AddCollector(FakeCollector.Returning("acme_jobs", 2), options => Site(options, "south")));

        Assert.That((await host.ScrapeAsync()).ToString(), Is.EqualTo("""
            # HELP acme_jobs 
            # TYPE acme_jobs gauge
            acme_jobs{site="north"} 1.0
            acme_jobs{site="south"} 2.0

            """));

        static void Site(CollectorOptions options, string site)
        {
            options.Name = site;
            options.FamilyNames = ["acme_jobs"];
            options.AddLabels = new Dictionary<string, string> { ["site"] = site };
        }
    }

    [Test]
    public async Task Requested_names_have_the_prefix_on_the_endpoint_and_not_in_the_collector()
    {
        IReadOnlyCollection<string>? requested = null;
        await using var host = new MetricsHost(builder => builder.AddCollector(
            services =>
            {
                requested = services.GetRequiredService<CollectorContext>().GetRequestedNames();
                return FakeCollector.Returning("jobs", 1);
            },
            options => (options.NamePrefix, options.FamilyNames) = ("acme_", ["jobs"])));

        var snapshot = await host.Registry.CollectAsync(new() { Names = ["acme_jobs", "other"] }).Soon();
        var none = await host.Registry.CollectAsync(new() { Names = ["jobs"] }).Soon();

        Assert.That(snapshot.Value("acme_jobs"), Is.EqualTo(1));
        Assert.That(requested, Is.EqualTo(new[] { "jobs" }));
        Assert.That(none.Families, Is.Empty);
    }

    [Test]
    public async Task Dropped_labels_are_known_to_the_run()
    {
        IReadOnlyCollection<string>? dropped = null;
        await using var host = new MetricsHost(builder => builder.AddCollector(
            services =>
            {
                dropped = services.GetRequiredService<CollectorContext>().DroppedLabels;
                return FakeCollector.Returning("jobs", 1);
            },
            options => options.DropLabels = ["user"]));

        await host.ScrapeAsync();

        Assert.That(dropped, Is.EqualTo(new[] { "user" }));
        Assert.That(new CollectorContext().DroppedLabels, Is.Empty);
    }

    [TestCase(nameof(CollectorOptions.DropLabels))]
    [TestCase(nameof(CollectorOptions.HashLabels))]
    [TestCase(nameof(CollectorOptions.MapLabel))]
    public void Misspelled_label_is_an_error_if_the_labels_are_declared(string option)
    {
        var registry = new OrchestratorMetricsRegistry(new() { LabelHashKey = Key });

        Assert.That(
            () => registry.Register(FakeCollector.Counting("x"), options =>
            {
                options.LabelNames = ["user", "site"];
                if (option == nameof(options.DropLabels))
                    options.DropLabels = ["usr"];
                else if (option == nameof(options.HashLabels))
                    options.HashLabels = ["usr"];
                else
                    options.MapLabel("usr", value => value);
            }),
            Throws.ArgumentException.With.Message.StartsWith(
                $"{option} of collector 'FakeCollector' names the label 'usr', which the collector does not have. Its " +
                "labels are user, site."));
    }

    [Test]
    public void Invalid_label_options_are_errors_at_registration()
    {
        var registry = new OrchestratorMetricsRegistry();

        Assert.That(
            () => registry.Register(FakeCollector.Counting("x"), options =>
                options.AddLabels = new Dictionary<string, string> { ["a-b"] = "" }),
            Throws.ArgumentException.With.Message.Contains("'a-b'"));
        Assert.That(
            () => registry.Register(FakeCollector.Counting("x"), options => options.NamePrefix = "1_"),
            Throws.ArgumentException.With.Message.Contains("NamePrefix of collector 'FakeCollector' is '1_'"));
        Assert.That(
            () => registry.Register(FakeCollector.Counting("x"), options => options.HashLabels = ["user"]),
            Throws.InvalidOperationException.With.Message.Contains("OrchestratorMetrics:LabelHashKey"));
    }

    [Test]
    public void Host_does_not_start_without_the_key_of_hashed_labels()
    {
        Assert.That(
            async () =>
            {
                await using var host = new MetricsHost(builder => builder.AddCollector(
                    FakeCollector.Counting("x"), options => options.HashLabels = ["user"]));
            },
            Throws.InstanceOf<OptionsValidationException>().With.Message.Contains(
                "HashLabels of collector 'FakeCollector' needs a key"));
    }

    [Test]
    public void Short_key_is_an_error_that_does_not_reveal_it() => Assert.That(
        () => new OrchestratorMetricsRegistry(new() { LabelHashKey = "hunter2" }),
        Throws.ArgumentException.With.Message.Contains("LabelHashKey has 7 characters; it must have at least 16")
            .And.Message.Not.Contains("hunter2"));

    [Test]
    public void Default_collectors_accept_the_labels_of_all_default_families_and_no_others()
    {
        Assert.That(
            async () =>
            {
                await using var host = new MetricsHost(builder => builder.ConfigureDefaultCollectors(
                    DefaultCollectors.All, options => options.DropLabels = ["custmer_id"]));
            },
            Throws.Exception.With.Message.Contains("'custmer_id'"));
    }

    private static Exemplar Exemplar(string trace, long seconds) =>
        new(0.5, [new("trace_id", trace)], DateTimeOffset.FromUnixTimeSeconds(seconds));

    private static async Task<string> ExpositionAsync(
        Action<CollectorOptions> configure, params MetricFamily[] families)
    {
        var registry = new OrchestratorMetricsRegistry(new() { LabelHashKey = Key });
        registry.Register(FakeCollector.Returning(families), configure);
        return (await registry.CollectAsync()).ToText(ExpositionFormat.OpenMetrics);
    }

    private static async Task<string> FailureAsync(Action<CollectorOptions> configure, params MetricFamily[] families)
    {
        var registry = new OrchestratorMetricsRegistry(new() { LabelHashKey = Key });
        registry.Register(FakeCollector.Returning(families), configure);
        var failure = await MetricsHost.FailureAsync(registry.CollectAsync());
        return failure.InnerException!.Message;
    }
}
