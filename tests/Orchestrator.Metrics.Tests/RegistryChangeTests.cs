using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests;

public class RegistryChangeTests
{
    [Test]
    public async Task Scrape_in_flight_includes_a_collector_that_is_unregistered_meanwhile()
    {
        await using var host = new MetricsHost();
        var collector = new GatedCollector("x");
        host.Registry.Register(collector);

        var scrape = host.ScrapeAsync();
        var run = await collector.WaitForRunAsync();
        host.Registry.Unregister(collector);
        run.Return(7);

        Assert.That((await scrape).GetValue("x"), Is.EqualTo(7));
        Assert.That((await host.ScrapeAsync()).Families, Is.Empty);
        Assert.That(run.Token.IsCancellationRequested, Is.False);
    }

    [Test]
    public async Task Scrape_in_flight_does_not_include_a_collector_that_is_registered_meanwhile()
    {
        await using var host = new MetricsHost();
        var collector = new GatedCollector("x");
        host.Registry.Register(collector);

        var scrape = host.ScrapeAsync();
        var run = await collector.WaitForRunAsync();
        host.Registry.Register(FakeCollector.Counting("new"));
        run.Return();

        Assert.That((await scrape).GetNames(), Is.EqualTo(new[] { "x" }));
    }

    [Test]
    public async Task Collector_can_register_another_collector()
    {
        await using var host = new MetricsHost();
        host.Registry.Register(new FakeCollector(_ =>
        {
            host.Registry.Register(FakeCollector.Counting("second"), options => options.Name = "second");
            return Task.FromResult(FakeCollector.CreateGauge("first"));
        }), options => options.Name = "first");

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "first" }));
        host.Registry.Unregister("first");
        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EqualTo(new[] { "second" }));
    }

    [Test]
    public async Task Many_concurrent_registrations_and_scrapes_succeed()
    {
        const int threads = 8;
        const int rounds = 50;
        await using var host = new MetricsHost();
        host.Registry.Register(FakeCollector.Counting("always"), options => options.Name = "always");
        var changing = Enumerable.Range(0, threads).Select(number => Task.Run(() =>
        {
            for (var round = 0; round < rounds; round++)
            {
                var collector = FakeCollector.Counting($"family_{number}");
                host.Registry.Register(collector, options => options.Name = $"collector {number}");
                Assert.That(host.Registry.Unregister(collector), Is.True);
            }

            host.Registry.Register(FakeCollector.Counting($"family_{number}"), options => options.Name = $"{number}");
        })).ToArray();
        var scraping = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            for (var round = 0; round < rounds; round++)
                Assert.That((await host.ScrapeAsync()).GetNames(), Has.One.EqualTo("always"));
        })).ToArray();

        await Task.WhenAll([.. changing, .. scraping]).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.That((await host.ScrapeAsync()).GetNames(), Is.EquivalentTo(
            Enumerable.Range(0, threads).Select(number => $"family_{number}").Append("always")));
        Assert.That(host.Log.Entries, Is.Empty);
    }
}
