using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Meters;

public class MeterPublisherRegistrationTests
{
    [Test]
    public async Task Publisher_runs_only_if_it_is_added()
    {
        await using var host = new MetricsHost(builder => builder.AddCollector(FakeCollector.Counting("x")));

        Assert.That(host.Services.GetServices<IHostedService>().OfType<MeterPublisher>(), Is.Empty);
    }

    [Test]
    public async Task Last_interval_applies_if_the_publisher_is_added_twice()
    {
        var collector = FakeCollector.Counting("x");
        await using var host = await MeterHost.StartAsync(
            builder => builder.AddCollector(collector).PublishToMeter(TimeSpan.FromSeconds(10)));
        await host.ReadUntilAsync("x", 1);

        host.Metrics.Time.Advance(TimeSpan.FromSeconds(10));

        await host.ReadUntilAsync("x", 2);
    }

    [TestCase(0.999)]
    [TestCase(86_401)]
    [TestCase(-0.001)]
    public void Interval_out_of_range_is_rejected(double seconds) =>
        Assert.That(
            () => new ServiceCollection().AddOrchestratorMetrics().PublishToMeter(TimeSpan.FromSeconds(seconds)),
            Throws.InstanceOf<ArgumentOutOfRangeException>());

    [TestCase(1)]
    [TestCase(86_400)]
    public void Limits_of_the_interval_are_valid(double seconds) =>
        Assert.That(
            () => new ServiceCollection().AddOrchestratorMetrics().PublishToMeter(TimeSpan.FromSeconds(seconds)),
            Throws.Nothing);

    [Test]
    public async Task Collector_that_is_excluded_is_neither_run_nor_published()
    {
        var published = FakeCollector.Counting("x");
        var excluded = FakeCollector.Counting("y");
        await using var host = await MeterHost.StartAsync(builder => builder
            .AddCollector(excluded, options => (options.Name, options.PublishToMeter) = ("Excluded", false))
            .AddCollector(published));

        await host.ReadUntilAsync("x", 1);

        Assert.That(excluded.Runs, Is.Zero);
        Assert.That(host.Meter.Instruments, Has.Count.EqualTo(1));
    }

    [TestCase("true")]
    [TestCase("false")]
    public async Task Configuration_overrides_PublishToMeter_of_a_collector(string publish)
    {
        var collector = FakeCollector.Counting("x");
        await using var host = await MeterHost.StartAsync(builder =>
        {
            builder.Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
                [new("OrchestratorMetrics:Collectors:Switched:PublishToMeter", publish)]).Build());
            builder.AddCollector(collector, options => (options.Name, options.PublishToMeter) = ("Switched", publish == "false"))
                .AddCollector(FakeCollector.Counting("other"), options => options.Name = "Other");
        });

        await host.ReadUntilAsync("other", 1);

        Assert.That(collector.Runs, Is.EqualTo(publish == "true" ? 1 : 0));
    }

    [TestCase("true")]
    [TestCase("false")]
    public async Task Setting_of_the_endpoint_does_not_affect_the_publisher(string setting)
    {
        await using var host = await MeterHost.StartAsync(builder => builder.AddCollector(FakeCollector.Counting("x"))
            .Services.AddSingleton<IConfiguration>(new ConfigurationBuilder().AddInMemoryCollection(
                [new("ENABLE_PROMETHEUS_METRICS_ENDPOINT", setting)]).Build()));

        await host.ReadUntilAsync("x", 1);
    }
}
