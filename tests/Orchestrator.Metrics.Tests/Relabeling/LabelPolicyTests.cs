using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Tests.Collection;
using static Orchestrator.Metrics.Tests.Relabeling.RelabeledExposition;

namespace Orchestrator.Metrics.Tests.Relabeling;

public class LabelPolicyTests
{
    [Test]
    public async Task Mapped_labels_group_their_series()
    {
        var gauge = MetricFamily.Gauge("acme_jobs", "Jobs.", "customer");
        gauge.Add(1, "a-1");
        gauge.Add(2, "a-2");
        gauge.Add(4, "b-1");

        Assert.That(
            await GetExpositionAsync(options => options.MapLabel("customer", value => value[..1]), gauge),
            Is.EqualTo("""
                # HELP acme_jobs Jobs.
                # TYPE acme_jobs gauge
                acme_jobs{customer="a"} 3.0
                acme_jobs{customer="b"} 4.0
                # EOF

                """));
    }

    [Test]
    public async Task Hashed_value_is_the_start_of_an_HMAC_of_the_mapped_value()
    {
        var gauge = MetricFamily.Gauge("acme_jobs", "Jobs.", "user");
        gauge.Add(1, "Ada");
        gauge.Add(2, "");

        // printf ada | openssl dgst -sha256 -hmac 'a key of sixteen characters'
        Assert.That(
            await GetExpositionAsync(
                options =>
                {
                    options.HashLabels = ["user"];
                    options.MapLabel("user", value => value.ToLowerInvariant());
                },
                gauge),
            Does.Contain($"acme_jobs{{user=\"5ee81a466b0f5716\"}} 1.0\nacme_jobs{{user=\"\"}} 2.0\n"));
    }

    [Test]
    public async Task Added_labels_and_prefix_apply_to_gauges_statesets_histograms_and_infos()
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
            await GetExpositionAsync(
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
    public async Task Exception_and_null_of_a_mapping_function_fail_the_run()
    {
        var gauge = MetricFamily.Gauge("acme_jobs", "Jobs.", "user");
        gauge.Add(1, "ada");

        Assert.That(
            await GetErrorAsync(options => options.MapLabel("user", _ => throw new FormatException("odd")), gauge),
            Is.EqualTo("odd"));
        Assert.That(
            await GetErrorAsync(options => options.MapLabel("user", _ => null!), gauge),
            Does.StartWith("A function of MapLabel returned null."));
    }

    [Test]
    public async Task Family_of_two_collectors_is_merged_if_an_added_label_distinguishes_the_series()
    {
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Returning("acme_jobs", 1), options => SetSite(options, "north"))
            .AddCollector(FakeCollector.Returning("acme_jobs", 2), options => SetSite(options, "south")));

        Assert.That((await host.ScrapeAsync()).ToString(), Is.EqualTo("""
            # HELP acme_jobs 
            # TYPE acme_jobs gauge
            acme_jobs{site="north"} 1.0
            acme_jobs{site="south"} 2.0

            """));

        static void SetSite(CollectorOptions options, string site)
        {
            options.Name = site;
            options.FamilyNames = ["acme_jobs"];
            options.AddLabels = new Dictionary<string, string> { ["site"] = site };
        }
    }

    [Test]
    public void Family_of_two_collectors_with_the_same_added_label_is_an_error()
    {
        var registry = new OrchestratorMetricsRegistry();
        Register("first");

        Assert.That(() => Register("second"), Throws.InvalidOperationException.With.Message.Contains("acme_jobs"));

        void Register(string name) => registry.Register(FakeCollector.Returning("acme_jobs", 1), options =>
        {
            (options.Name, options.FamilyNames) = (name, ["acme_jobs"]);
            options.AddLabels = new Dictionary<string, string> { ["site"] = "north" };
        });
    }

    [Test]
    public async Task Scrapes_request_names_with_the_prefix_and_the_collector_gets_them_without_it()
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

        Assert.That(snapshot.GetValue("acme_jobs"), Is.EqualTo(1));
        Assert.That(requested, Is.EqualTo(new[] { "jobs" }));
        await host.ScrapeAsync();
        Assert.That(requested, Is.Null);
        Assert.That(none.Families, Is.Empty);
    }

    [Test]
    public async Task CollectorContext_provides_the_dropped_labels()
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
    public void Added_label_that_is_declared_is_an_error_unless_it_is_dropped()
    {
        var registry = new OrchestratorMetricsRegistry();
        void Register(params string[] dropped) => registry.Register(FakeCollector.Counting("x"), options =>
        {
            options.LabelNames = ["user", "site"];
            options.AddLabels = new Dictionary<string, string> { ["site"] = "north" };
            options.DropLabels = dropped;
        });

        Assert.That(() => Register(), Throws.ArgumentException.With.Message.StartsWith(
            "AddLabels of collector 'FakeCollector' contains the label 'site', which the collector already has."));
        Assert.That(() => Register("site"), Throws.Nothing);
    }

    [Test]
    public void Invalid_label_options_are_errors_at_registration()
    {
        var registry = new OrchestratorMetricsRegistry();

        Assert.That(
            () => registry.Register(FakeCollector.Counting("x"), options =>
                options.AddLabels = new Dictionary<string, string> { ["a-b"] = "" }),
            Throws.ArgumentException.With.Message.Contains("AddLabels of collector 'FakeCollector'").And.Message
                .Contains("'a-b'"));
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
    public void Short_key_is_an_error_that_does_not_reveal_the_key() => Assert.That(
        () => new OrchestratorMetricsRegistry(new() { LabelHashKey = "hunter2" }),
        Throws.ArgumentException.With.Message.Contains("LabelHashKey has 7 characters; it must have at least 16")
            .And.Message.Not.Contains("hunter2"));

    [Test]
    public void Default_collectors_reject_an_unknown_label_to_drop()
    {
        Assert.That(
            async () =>
            {
                await using var host = new MetricsHost(builder => builder.ConfigureDefaultCollectors(
                    DefaultCollectors.All, options => options.DropLabels = ["custmer_id"]));
            },
            Throws.Exception.With.Message.Contains("'custmer_id'"));
    }
}
