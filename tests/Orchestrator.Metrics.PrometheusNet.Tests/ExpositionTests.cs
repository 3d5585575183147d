using Microsoft.Extensions.DependencyInjection;
using Prometheus;
using PrometheusExemplar = Prometheus.Exemplar;

namespace Orchestrator.Metrics.Tests;

public class ExpositionTests
{
    [Test]
    public async Task Prometheus_text_contains_every_metric_type_of_prometheus_net()
    {
        await using var host = await RegistryHost.StartAsync(CreateFullRegistry());

        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            """
            # HELP jobs_total Jobs "done".
            # TYPE jobs_total counter
            jobs_total{a="x\"y\\z\n",b="é",site="oslo"} 3.0
            # HELP jobs Jobs that wait.
            # TYPE jobs gauge
            jobs{site="oslo"} -1.5e+300
            # HELP restarts Without the suffix.
            # TYPE restarts counter
            restarts{site="oslo"} 2.0
            # HELP change_seconds 
            # TYPE change_seconds histogram
            change_seconds_sum{site="oslo"} -4.5
            change_seconds_count{site="oslo"} 2.0
            change_seconds_bucket{le="-1.0",site="oslo"} 1.0
            change_seconds_bucket{le="0.1",site="oslo"} 1.0
            change_seconds_bucket{le="1.0",site="oslo"} 2.0
            change_seconds_bucket{le="1000000.0",site="oslo"} 2.0
            change_seconds_bucket{le="+Inf",site="oslo"} 2.0
            # HELP latency Latency.
            # TYPE latency summary
            latency_sum{site="oslo"} 3.0
            latency_count{site="oslo"} 1.0
            latency{quantile="0.5",site="oslo"} 3.0
            latency{quantile="0.99",site="oslo"} 3.0
            # HELP quiet No observation.
            # TYPE quiet summary
            quiet_sum{site="oslo"} 0.0
            quiet_count{site="oslo"} 0.0
            quiet{quantile="0.5",site="oslo"} NaN
            # HELP unlabelled_total No series with its label.
            # TYPE unlabelled_total counter

            """));
    }

    [TestCase(true, "counter")]
    [TestCase(false, "gauge")]
    public async Task Counter_is_untyped_next_to_a_metric_with_its_name_and_the_suffix_total(bool isCounter, string type)
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        if (isCounter)
            factory.CreateCounter("jobs_total", "").Inc(1);
        else
            factory.CreateGauge("jobs_total", "").Set(1);
        factory.CreateCounter("jobs", "").Inc(2);
        await using var host = await RegistryHost.StartAsync(registry);

        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            $"# HELP jobs_total \n# TYPE jobs_total {type}\njobs_total 1.0\n" +
            $"# HELP jobs \n# TYPE jobs untyped\njobs 2.0\n"));
    }

    [TestCase("Jobs.\nOne per job.")]
    [TestCase("\na")]
    [TestCase("\n\n a\n")]
    [TestCase("Jobs.\r\nOne per job.")]
    [TestCase("a\njobs 99")]
    [TestCase("a\nother{a=\"")]
    [TestCase("a\n# EOF")]
    [TestCase("a\n# HELP other b")]
    [TestCase("a\n# HELP jobs b")]
    [TestCase("a\n# TYPE other counter\nother 1")]
    [TestCase("a\n# TYPE jobs")]
    [TestCase("a\n# TYPE jobs_x gauge\njobs_x 1")]
    [TestCase("a\n# TYPE jobs counter")]
    [TestCase("a\n# TYPE jobs gauge\njobs 99\nb")]
    public async Task Line_feeds_in_a_help_text_are_always_escaped(string help)
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        factory.CreateGauge("jobs", help).Set(1);
        factory.CreateCounter("other_total", help).Inc(2);
        await using var host = await RegistryHost.StartAsync(registry);

        var escaped = help.Replace("\n", "\\n", StringComparison.Ordinal);
        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            $"# HELP jobs {escaped}\n# TYPE jobs gauge\njobs 1.0\n" +
            $"# HELP other_total {escaped}\n# TYPE other_total counter\nother_total 2.0\n"));
    }

    [Test]
    public async Task OpenMetrics_contains_every_metric_type_and_exemplars()
    {
        await using var host = await RegistryHost.StartAsync(CreateFullRegistry());

        Assert.That(await host.GetOpenMetricsAsync(), Is.EqualTo(
            """
            # HELP jobs_total Jobs \"done\".
            # TYPE jobs_total unknown
            jobs_total{a="x\"y\\z\n",b="é",site="oslo"} 3.0 # {trace_id="abc"} 3.0 T
            # HELP jobs Jobs that wait.
            # TYPE jobs gauge
            jobs{site="oslo"} -1.5e+300
            # HELP restarts Without the suffix.
            # TYPE restarts unknown
            restarts{site="oslo"} 2.0
            # HELP change_seconds 
            # TYPE change_seconds histogram
            change_seconds_sum{site="oslo"} -4.5
            change_seconds_count{site="oslo"} 2.0
            change_seconds_bucket{le="-1.0",site="oslo"} 1.0
            change_seconds_bucket{le="0.1",site="oslo"} 1.0
            change_seconds_bucket{le="1.0",site="oslo"} 2.0 # {span_id="1",trace_id="def"} 0.5 T
            change_seconds_bucket{le="1000000.0",site="oslo"} 2.0
            change_seconds_bucket{le="+Inf",site="oslo"} 2.0
            # HELP latency Latency.
            # TYPE latency summary
            latency_sum{site="oslo"} 3.0
            latency_count{site="oslo"} 1.0
            latency{quantile="0.5",site="oslo"} 3.0
            latency{quantile="0.99",site="oslo"} 3.0
            # HELP quiet No observation.
            # TYPE quiet summary
            quiet_sum{site="oslo"} 0.0
            quiet_count{site="oslo"} 0.0
            quiet{quantile="0.5",site="oslo"} NaN
            # HELP unlabelled No series with its label.
            # TYPE unlabelled counter
            # EOF

            """));
    }

    [Test]
    public async Task Families_follow_those_of_earlier_collectors_and_OpenMetrics_has_one_EOF()
    {
        await using var host = await TestHost.StartAsync(services => services.AddOrchestratorMetrics()
            .AddCollector(FakeCollector.Returning("ours", 1))
            .AddPrometheusNet(CreatePlainRegistry()));

        Assert.That(await host.GetOpenMetricsAsync(), Is.EqualTo(
            "# HELP ours \n# TYPE ours gauge\nours 1.0\n# HELP jobs Jobs.\n# TYPE jobs counter\n" +
            "jobs_total{a=\"1\"} 1.0 # {trace_id=\"abc\"} 1.0 T\n# HELP size Sizes.\n# TYPE size histogram\n" +
            "size_sum 0.5\nsize_count 1.0\nsize_bucket{le=\"1.0\"} 1.0 # {trace_id=\"def\"} 0.5 T\n" +
            "size_bucket{le=\"+Inf\"} 1.0\n# EOF\n"));
    }

    [Test]
    public async Task Strict_parser_accepts_OpenMetrics_and_promtool_accepts_Prometheus_text()
    {
        await using var host = await RegistryHost.StartAsync(CreatePlainRegistry());

        var text = (await host.GetOpenMetricsAsync()).Replace(" T\n", " 1.5\n", StringComparison.Ordinal);
        var families = MetricsSnapshot.Parse(text, ExpositionParseMode.StrictOpenMetrics).Families;

        Assert.That(
            families.Select(family => (family.Name, family.Type)),
            Is.EqualTo([("jobs", MetricType.Counter), ("size", MetricType.Histogram)]));
        Assert.That(await Promtool.CheckMetricsAsync(await host.GetTextAsync()), Is.Empty);
    }

    [Test]
    public async Task Default_registry_is_used_if_none_is_given()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddPrometheusNet());

        var text = await host.GetTextAsync("?name[]=process_cpu_seconds_total&name[]=prometheus_net_metric_families");

        Assert.That(text, Does.Contain("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total "));
        Assert.That(text, Does.Contain("\nprometheus_net_metric_families{metric_type=\"gauge\"} "));
        Assert.That(await Promtool.CheckMetricsAsync(await host.GetTextAsync()), Has.None.StartsWith("error"));
    }

    private static CollectorRegistry CreatePlainRegistry()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        factory.CreateCounter("jobs_total", "Jobs.", "a").WithLabels("1").Inc(1, CreateExemplar("abc"));
        factory.CreateHistogram("size", "Sizes.", CreateBuckets(1)).Observe(0.5, CreateExemplar("def"));
        return registry;
    }

    private static CollectorRegistry CreateFullRegistry()
    {
        var registry = Prometheus.Metrics.NewCustomRegistry();
        registry.SetStaticLabels(new Dictionary<string, string> { ["site"] = "oslo" });
        var factory = Prometheus.Metrics.WithCustomRegistry(registry);
        factory.CreateCounter("jobs_total", "Jobs \"done\".", "b", "a").WithLabels("é", "x\"y\\z\n")
            .Inc(3, CreateExemplar("abc"));
        factory.CreateGauge("jobs", "Jobs that wait.").Set(-1.5e300);
        factory.CreateCounter("restarts", "Without the suffix.").Inc(2);
        var change = factory.CreateHistogram("change_seconds", "", CreateBuckets(-1, 0.1, 1, 1_000_000));
        change.Observe(-5);
        change.Observe(0.5, PrometheusExemplar.From(
            PrometheusExemplar.Pair("trace_id", "def"), PrometheusExemplar.Pair("span_id", "1")));
        factory.CreateSummary("latency", "Latency.", CreateObjectives(0.5, 0.99)).Observe(3);
        factory.CreateSummary("quiet", "No observation.", CreateObjectives(0.5));
        factory.CreateCounter("unlabelled_total", "No series with its label.", "x");
        return registry;
    }

    private static SummaryConfiguration CreateObjectives(params double[] quantiles) =>
        new() { Objectives = [.. quantiles.Select(quantile => new QuantileEpsilonPair(quantile, 0.01))] };

    private static HistogramConfiguration CreateBuckets(params double[] bounds) => new() { Buckets = bounds };

    private static PrometheusExemplar CreateExemplar(string id) =>
        PrometheusExemplar.From(PrometheusExemplar.Pair("trace_id", id));
}
