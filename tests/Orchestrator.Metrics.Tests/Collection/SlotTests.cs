using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>
/// The slots of <c>MaxConcurrentCollectors</c>, counted: one too few starves collectors in the end, one too many
/// lifts the limit. Neither shows from outside before it is too late.
/// </summary>
public class SlotTests
{
    private readonly FakeTimeProvider _time = new();

    [Test]
    public async Task A_run_that_ended_has_given_back_its_slot_once()
    {
        var services = Services(limit: 2);
        var runner = Runner(services, FakeCollector.Counting("x"));

        await runner.GetAsync(new ScrapeScope(), TimeSpan.MaxValue, default).Soon();

        Assert.That(services.Slots.CurrentCount, Is.EqualTo(2));
    }

    [Test]
    public async Task An_abandoned_run_gives_back_its_slot_at_once_and_not_again_when_it_ends()
    {
        var log = new ListLogger();
        var services = Services(limit: 2, log);
        var stuck = new GatedCollector("x", ignoresToken: true);
        var runner = Runner(services, stuck);
        var waiting = runner.GetAsync(new ScrapeScope(), TimeSpan.FromSeconds(1), default).Soon();
        var run = await stuck.NextRunAsync();
        Assert.That(services.Slots.CurrentCount, Is.EqualTo(1));

        _time.Advance(TimeSpan.FromSeconds(1));
        await waiting;
        Assert.That(services.Slots.CurrentCount, Is.EqualTo(2));

        run.Return();
        await log.WaitForAsync(entry => entry.Event.Id == 3);
        Assert.That(services.Slots.CurrentCount, Is.EqualTo(2));
    }

    [Test]
    public async Task Runs_that_are_cancelled_at_any_moment_leave_the_number_of_slots_as_it_was()
    {
        var services = Services(limit: 2);
        var runners = Enumerable.Range(0, 4).Select(_ => Runner(services, FakeCollector.Counting("x"))).ToArray();

        await Task.WhenAll(runners.Select((runner, seed) => Task.Run(async () =>
        {
            var random = new Random(seed);
            for (var i = 0; i < 1000; i++)
            {
                using var caller = new CancellationTokenSource();
                var waiting = runner.GetAsync(new ScrapeScope(), TimeSpan.MaxValue, caller.Token).Soon();
                for (var spin = random.Next(200); spin > 0; spin--)
                    Thread.SpinWait(10);
                await caller.CancelAsync();
                await ((Task)waiting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            // Waits for the last cancelled run.
            await runner.GetAsync(new ScrapeScope(), TimeSpan.MaxValue, default).Soon();
        }))).WaitAsync(TimeSpan.FromSeconds(60));

        Assert.That(services.Slots.CurrentCount, Is.EqualTo(2));
    }

    [Test]
    public async Task A_run_that_is_given_up_as_it_gets_its_slot_does_not_keep_it()
    {
        // Otherwise a collector that ignores its token, cancelled in this moment, keeps it for ever.
        for (var attempt = 0; attempt < 200; attempt++)
        {
            using var slots = new SemaphoreSlim(0);
            var run = new CollectorRun(new ScrapeScope(), startedAt: 0);
            var taking = run.TakeSlotAsync(slots);
            slots.Release();
            run.Cancel();
            run.ReleaseSlot();
            await taking.Soon().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

            Assert.That(slots.CurrentCount, Is.EqualTo(1));
        }
    }

    private CollectionServices Services(int limit, ListLogger? log = null) => new(
        NoServices.Instance, _time, new MetricsLog(new SafeLogger(log ?? new ListLogger())),
        new OrchestratorMetricsOptions { MaxConcurrentCollectors = limit });

    private static CollectorRunner Runner(CollectionServices services, IMetricsCollector collector) =>
        new(CollectorRegistration.ForInstance(collector, configure: null), services);
}
