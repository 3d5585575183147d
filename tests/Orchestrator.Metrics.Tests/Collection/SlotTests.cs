using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Metrics.Tests.Collection;

public class SlotTests
{
    private const int Limit = 2;

    private readonly FakeTimeProvider _time = new();
    private readonly ListLogger _log = new();

    [Test]
    public async Task Completed_run_releases_its_slot_once()
    {
        var scheduler = CreateScheduler();
        for (var i = 0; i < 10; i++)
            await CreateCollector(scheduler, FakeCollector.Counting("x")).GetAsync(new Scrape(), default).Soon();

        await RequireAllSlotsFreeAsync(scheduler);
    }

    [Test]
    public async Task Abandoned_run_releases_its_slot_once()
    {
        var scheduler = CreateScheduler();
        var stuck = new GatedCollector("x", ignoresToken: true);
        var waiting = CreateCollector(scheduler, stuck).GetAsync(new Scrape(), default).Soon();
        var run = await stuck.WaitForRunAsync();

        _time.Advance(TimeSpan.FromSeconds(30));
        await waiting;
        _time.Advance(CollectorRun.AbandonAfter);
        await RequireAllSlotsFreeAsync(scheduler);

        run.Return();
        await _log.WaitForAsync(entry => entry.Event.Id == 3);
        await RequireAllSlotsFreeAsync(scheduler);
    }

    [Test]
    public async Task Timed_out_run_keeps_its_slot_until_it_is_abandoned()
    {
        var scheduler = CreateScheduler();
        var stuck = new GatedCollector("x", ignoresToken: true);
        var waiting = CreateCollector(scheduler, stuck).GetAsync(new Scrape(), default).Soon();
        var run = await stuck.WaitForRunAsync();
        _time.Advance(TimeSpan.FromSeconds(30));
        await waiting;

        await RequireFreeSlotsAsync(scheduler, Limit - 1);
        run.Return();
    }

    [Test]
    public async Task Cancelled_runs_leave_the_number_of_slots_unchanged()
    {
        var scheduler = CreateScheduler();
        var collectors = Enumerable.Range(0, 4)
            .Select(_ => CreateCollector(scheduler, FakeCollector.Counting("x"))).ToArray();

        await Task.WhenAll(collectors.Select((collector, seed) => Task.Run(async () =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 1000; i++)
            {
                using var caller = new CancellationTokenSource();
                var waiting = collector.GetAsync(new Scrape(), caller.Token).Soon();
                for (var spin = random.Next(200); spin > 0; spin--)
                    Thread.SpinWait(10);
                await caller.CancelAsync();
                await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            // Waits for the last cancelled run.
            await collector.GetAsync(new Scrape(), default).Soon();
        }))).WaitAsync(TimeSpan.FromSeconds(60));

        await RequireAllSlotsFreeAsync(scheduler);
    }

    private CollectorScheduler CreateScheduler() => new(
        scopes: null, _time, new MetricsLog(new SafeLogger(_log)),
        new OrchestratorMetricsOptions { MaxConcurrentCollectors = Limit }, stopping: default);

    private static SharedCollector CreateCollector(CollectorScheduler scheduler, IMetricsCollector collector) =>
        new(CollectorRegistration.ForInstance(collector, configure: null), scheduler);

    private static Task RequireAllSlotsFreeAsync(CollectorScheduler scheduler) =>
        RequireFreeSlotsAsync(scheduler, Limit);

    private static async Task RequireFreeSlotsAsync(CollectorScheduler scheduler, int free)
    {
        var collectors = Enumerable.Range(0, free + 1).Select(_ => new GatedCollector("x")).ToArray();
        var scrapes = Array.ConvertAll(
            collectors, collector => CreateCollector(scheduler, collector).GetAsync(new Scrape(), default).Soon());
        foreach (var collector in collectors[..free])
            await collector.WaitForRunAsync();
        Assert.That(collectors[free].Runs, Is.Zero, "More slots are free than expected.");
        foreach (var collector in collectors)
            collector.ReturnAll();
        if (free > 0)
            await Task.WhenAll(scrapes);
    }
}
