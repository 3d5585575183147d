using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using static Orchestrator.Metrics.Tests.MeterHost;

namespace Orchestrator.Metrics.Tests;

public class RegistrationTests
{
    [Test]
    public async Task Meters_of_several_calls_and_wildcards_are_exported_by_one_collector()
    {
        await using var host = await StartHostAsync(
            services => services.AddOrchestratorMetrics().AddMeters("Other.*").AddMeters("third"),
            options: options => options.ScrapeMetrics = true);
        foreach (var name in (string[])["Acme", "Other.A", "Other.B", "Third", "Fourth"])
            host.CreateMeter(name).CreateCounter<int>($"{name}.hits").Add(1);

        var text = await host.GetTextAsync();

        Assert.That(
            text.Split('\n').Where(line => line.Contains("hits_total{", StringComparison.Ordinal)), Is.EqualTo(new[]
            {
                "Acme_hits_total{otel_scope_name=\"Acme\"} 1.0",
                "Other_A_hits_total{otel_scope_name=\"Other.A\"} 1.0",
                "Other_B_hits_total{otel_scope_name=\"Other.B\"} 1.0",
                "Third_hits_total{otel_scope_name=\"Third\"} 1.0",
            }));
        Assert.That(text, Does.Contain("wfo_scrape_collector_families{collector=\"Meters\"} 4.0\n"));
    }

    [Test]
    public async Task Views_and_the_resource_of_the_host_apply()
    {
        await using var host = await StartHostAsync(
            services => services.AddOpenTelemetry()
                .ConfigureResource(resource => resource.Clear().AddService("shop", autoGenerateServiceInstanceId: false))
                .WithMetrics(metrics => metrics
                    .AddMeter("Other")
                    .AddView("hits", "visits")
                    .AddView("secret", MetricStreamConfiguration.Drop)),
            options => options.TargetInfo = true);
        host.CreateMeter().CreateCounter<int>("hits").Add(1);
        host.CreateMeter().CreateCounter<int>("secret").Add(1);
        host.CreateMeter("Other").CreateCounter<int>("more").Add(1);

        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            "# HELP target_info Target metadata\n# TYPE target_info gauge\ntarget_info{service_name=\"shop\"} 1.0\n" +
            "# HELP visits_total \n# TYPE visits_total counter\nvisits_total{otel_scope_name=\"Acme\"} 1.0\n" +
            "# HELP more_total \n# TYPE more_total counter\nmore_total{otel_scope_name=\"Other\"} 1.0\n"));
    }

    [Test]
    public async Task Host_that_configures_the_SDK_itself_attaches_the_exporter()
    {
        await using var host = await TestHost.StartAsync(services =>
        {
            services.Configure<MeterCollectorOptions>(options => options.TargetInfo = false);
            services.AddOpenTelemetry().WithMetrics(metrics => metrics
                .AddMeter("Acme")
                .AddOrchestratorMetricsExporter(options => options.Tags = ["process"])
                .AddOrchestratorMetricsExporter());
        });
        host.CreateMeter().CreateGauge<int>("level").Record(4);
        var registry = host.Services.GetRequiredService<OrchestratorMetricsRegistry>();

        var snapshot = await registry.CollectAsync(new() { Predicate = collector => collector.Tags.Contains("process") });

        Assert.That(snapshot.ToString(), Is.EqualTo(
            "# HELP level \n# TYPE level gauge\nlevel{otel_scope_name=\"Acme\"} 4.0\n"));
    }

    [Test]
    public async Task Container_without_hosted_services_exports_the_meters()
    {
        var services = new ServiceCollection().Configure<MeterCollectorOptions>(
            options => (options.TargetInfo, options.CreatedTimestamps) = (false, false));
        services.AddLogging().AddMetrics().AddOrchestratorMetrics().AddMeters("Acme");
        await using var provider = services.BuildServiceProvider();
        var registry = provider.GetRequiredService<OrchestratorMetricsRegistry>();
        await registry.CollectAsync();
        provider.GetRequiredService<System.Diagnostics.Metrics.IMeterFactory>()
            .Create(new System.Diagnostics.Metrics.MeterOptions("Acme")).CreateCounter<int>("hits").Add(1);

        Assert.That((await registry.CollectAsync()).ToString(), Is.EqualTo(
            "# HELP hits_total \n# TYPE hits_total counter\nhits_total{otel_scope_name=\"Acme\"} 1.0\n"));
    }

    [Test]
    public async Task Collector_options_and_configuration_apply()
    {
        await using var host = await StartHostAsync(args:
        [
            "--OrchestratorMetrics:Collectors:Meters:CacheFor=00:01:00",
            "--OrchestratorMetrics:Meters:TranslationStrategy=NoUtf8EscapingWithSuffixes",
            "--OrchestratorMetrics:Meters:ScopeLabels=false",
            "--OrchestratorMetrics:Meters:CreatedTimestamps=true",
            "--OrchestratorMetrics:Meters:TargetInfo=false",
        ]);
        var hits = host.CreateMeter().CreateCounter<int>("acme.hits");
        hits.Add(1);
        var registry = host.Services.GetRequiredService<OrchestratorMetricsRegistry>();
        await registry.CollectAsync();
        hits.Add(1);

        var snapshot = await registry.CollectAsync();

        Assert.That(snapshot.TryGetValue("acme.hits_total", out var cached), Is.True);
        Assert.That(cached, Is.EqualTo(1));
        Assert.That(snapshot.TryGetValue("acme.hits_created", out _), Is.True);
    }

    [TestCase("Translation=x", "OrchestratorMetrics:Meters:Translation is not a known setting. Known: TranslationStrategy, CreatedTimestamps, ScopeLabels, TargetInfo.")]
    [TestCase("TranslationStrategy=2", "OrchestratorMetrics:Meters:TranslationStrategy is '2', which is unknown. Known: UnderscoreEscapingWithSuffixes, UnderscoreEscapingWithoutSuffixes, NoUtf8EscapingWithSuffixes, NoTranslation.")]
    [TestCase("ScopeLabels=2", "OrchestratorMetrics:Meters:ScopeLabels is '2', which is neither true nor false. Set it to true or false; 1/0, yes/no, on/off, t/f and y/n are also valid. Case is ignored.")]
    public void Invalid_configuration_is_a_startup_error(string setting, string message) => Assert.That(
        () => StartHostAsync(args: [$"--OrchestratorMetrics:Meters:{setting}"]),
        Throws.TypeOf<OptionsValidationException>().With.Message.EqualTo(message));

    [Test]
    public void Options_of_the_collector_in_a_second_call_are_an_error() => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics()
            .AddMeters("Acme").AddMeters(options => options.CacheFor = TimeSpan.FromSeconds(1), "Other"),
        Throws.InvalidOperationException.With.Message.EqualTo(
            "The collector 'Meters' has already been added. Set its options in the first call of AddMeters or " +
            "AddOrchestratorMetricsExporter."));

    [Test]
    public void Empty_meter_name_is_an_error() => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics().AddMeters("Acme", ""), Throws.ArgumentException);

    [Test]
    public async Task Family_that_conflicts_with_another_family_fails_the_later_collector()
    {
        await using var host = await StartHostAsync(
            services => services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning("level", 5)),
            options: options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
        host.CreateMeter().CreateHistogram<int>("level").Record(1);

        var text = await host.GetTextAsync("?name[]=wfo_scrape_collector_success");

        Assert.That(text, Does.Contain("{collector=\"Meters\"} 1.0\n").And.Contain("{collector=\"FakeCollector\"} 0.0\n"));
    }
}
