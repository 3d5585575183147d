namespace Orchestrator.Metrics.Tests.Collection;

public class SharedFailureTests
{
    private static readonly TestCaseData[] InvalidResults =
    [
        new TestCaseData(CreateFamily("north", "north"), (CollectorOptions _) => { })
            .SetName("Result_with_a_duplicate_series_is_not_stored"),
        new TestCaseData(CreateFamily("north"), (CollectorOptions options) => { options.MapLabel("site", _ => null!); })
            .SetName("Result_whose_labels_cannot_be_mapped_is_not_stored"),
        new TestCaseData(CreateFamily("north"), (CollectorOptions options) => { options.AddLabels = Added; })
            .SetName("Result_that_already_has_an_added_label_is_not_stored"),
    ];

    private static Dictionary<string, string> Added => new() { ["site"] = "south" };

    [Test]
    public async Task Failure_of_the_collector_passes_through_the_store()
    {
        var store = new FakeResultStore();
        await using var host = SharedResultTests.CreateHost(
            store, FakeCollector.Failing(new InvalidOperationException("no database")));

        await host.ScrapeAndCatchAsync();
        Assert.That(host.Log.Entries.Single().Exception!.Message, Is.EqualTo("no database"));
        Assert.That(store.Collected, Is.Null);
    }

    [TestCaseSource(nameof(InvalidResults))]
    public async Task Invalid_result_is_not_stored(MetricFamily family, Action<CollectorOptions> configure)
    {
        var store = new FakeResultStore();
        await using var host = SharedResultTests.CreateHost(store, FakeCollector.Returning(family), options =>
        {
            options.CacheFor = TimeSpan.FromMinutes(1);
            configure(options);
        });

        await host.ScrapeAndCatchAsync();
        Assert.That(store.Requests, Has.Length.EqualTo(1));
        Assert.That(store.Collected, Is.Null);
    }

    [Test]
    public async Task Result_that_a_collector_returns_after_its_cancellation_is_not_stored()
    {
        var store = new FakeResultStore();
        var started = new TaskCompletionSource();
        await using var host = SharedResultTests.CreateHost(store, new FakeCollector(async token =>
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return FakeCollector.CreateGauge("x");
        }));

        await host.DisconnectAsync(() => started.Task.Soon());
        await host.Log.WaitForAsync(entry => entry.Event.Id == 5);
        Assert.That(store.Collected, Is.Null);
    }

    private static MetricFamily CreateFamily(params string[] sites)
    {
        var family = MetricFamily.Gauge("x", "", "site");
        foreach (var site in sites)
            family.Add(1, site);
        return family;
    }
}
