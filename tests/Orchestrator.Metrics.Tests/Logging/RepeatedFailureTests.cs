using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Logging;

public class RepeatedFailureTests
{
    private static readonly TimeSpan ScrapeInterval = TimeSpan.FromSeconds(15);

    [Test]
    public void A_day_of_failures_is_logged_as_one_stack_trace_and_reminders_at_growing_intervals()
    {
        using var log = new ListLogger();
        var time = new FakeTimeProvider();
        var failures = new FailureLog("broken", time, new MetricsLog(new SafeLogger(log)));

        for (var elapsed = TimeSpan.Zero; elapsed <= TimeSpan.FromDays(1); elapsed += ScrapeInterval)
        {
            failures.OnError(new InvalidOperationException("No database."), wasCancelled: false);
            time.Advance(ScrapeInterval);
        }

        var first = log.Entries[0];
        Assert.That(
            (first.Level, first.Message, first.Exception?.Message),
            Is.EqualTo((LogLevel.Error, "Collector broken failed.", "No database.")));
        var reminders = log.Entries.Skip(1).ToArray();
        Assert.That(
            reminders.Select(entry => (entry.Level, entry.Exception)),
            Is.All.EqualTo((LogLevel.Error, (Exception?)null)));
        Assert.That(reminders[0].Message, Is.EqualTo(
            "Collector broken is still failing: 5 failures in 60 s. The last one: System.InvalidOperationException. " +
            "The first failure of each kind is logged in full."));
        int[] minutes = [1, 3, 7, 15, 31, 63, 123, 183];
        Assert.That(
            reminders.Take(minutes.Length).Select(entry => entry.Message),
            Is.EqualTo(minutes.Select(minute => reminders[0].Message.Replace(
                "5 failures in 60 s", $"{1 + (minute * 4)} failures in {minute * 60} s", StringComparison.Ordinal))));
        Assert.That(reminders, Has.Length.EqualTo(6 + 22), "Six reminders at growing intervals, then one per hour.");
    }

    [Test]
    public async Task Recovery_is_logged_once_with_the_number_of_failures_and_the_next_failure_is_logged_in_full()
    {
        var isBroken = true;
        await using var host = CreateHost(_ => isBroken
            ? throw new InvalidOperationException()
            : Task.FromResult(FakeCollector.CreateGauge("x")));
        for (var failures = 0; failures < 3; failures++)
        {
            await host.ScrapeAndCatchAsync();
            host.Time.Advance(ScrapeInterval);
        }

        isBroken = false;
        for (var scrapes = 0; scrapes < 10; scrapes++)
        {
            await host.ScrapeAsync();
            host.Time.Advance(ScrapeInterval);
        }

        isBroken = true;
        await host.ScrapeAndCatchAsync();

        Assert.That(host.Log.Entries.Select(entry => (entry.Level, entry.Message)), Is.EqualTo(new[]
        {
            (LogLevel.Error, "Collector broken failed."),
            (LogLevel.Information,
                "Collector broken has recovered: it has not failed for a minute. Failures before: 3, in 30 s."),
            (LogLevel.Error, "Collector broken failed."),
        }));
    }

    [Test]
    public async Task Collector_that_fails_every_other_time_has_not_recovered()
    {
        var runs = 0;
        await using var host = CreateHost(_ => runs++ % 2 == 0
            ? throw new InvalidOperationException()
            : Task.FromResult(FakeCollector.CreateGauge("x")));

        for (var scrape = 0; scrape < 12; scrape++)
        {
            await host.Registry.CollectAsync().ContinueWith(_ => { }, TaskScheduler.Default).Soon();
            host.Time.Advance(ScrapeInterval);
        }

        Assert.That(host.Log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(new[] { 1, 14 }));
    }

    [Test]
    public async Task First_failure_of_each_kind_is_logged_in_full()
    {
        Exception[] failures =
        [
            new InvalidOperationException(), new TimeoutException(), new InvalidOperationException(), new TimeoutException(),
        ];
        var runs = 0;
        await using var host = CreateHost(_ => throw failures[runs++]);

        foreach (var _ in failures)
            await host.ScrapeAndCatchAsync();

        Assert.That(host.Log.Entries.Select(entry => entry.Exception), Is.EqualTo(failures.Take(2)));
    }

    [Test]
    public void First_failure_of_each_query_is_logged_in_full()
    {
        using var log = new ListLogger();
        var time = new FakeTimeProvider();
        var failures = new FailureLog("broken", time, new MetricsLog(new SafeLogger(log)));
        Exception[] errors =
        [
            CreateQueryError("a", "1"), CreateQueryError("b_total, c", "2"),
            CreateQueryError("a", "3"), CreateQueryError("b_total, c", "4"),
        ];

        foreach (var error in errors)
            failures.OnError(error, wasCancelled: false);
        time.Advance(FailureLog.MinInterval);
        failures.OnError(errors[1], wasCancelled: false);

        Assert.That(
            log.Entries.Select(entry => entry.Exception), Is.EqualTo(new[] { errors[0], errors[1], null }));
        Assert.That(log.Entries[0].Message, Is.EqualTo("Collector broken failed in the query of a."));
        Assert.That(log.Entries[2].Message, Does.Contain(
            "The last one: System.InvalidOperationException in the query of b_total, c."));
    }

    [Test]
    public void Only_the_first_sixteen_kinds_of_failures_are_logged_in_full()
    {
        using var log = new ListLogger();
        var failures = new FailureLog("broken", new FakeTimeProvider(), new MetricsLog(new SafeLogger(log)));

        for (var i = 0; i < 20; i++)
            failures.OnConflict($"family{i}", "other", $"family{i}", "both write it");

        Assert.That(log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(Enumerable.Repeat(4, 16)));
    }

    [Test]
    public void Each_kind_of_failure_is_logged_once_and_then_named_in_reminders()
    {
        using var log = new ListLogger();
        var time = new FakeTimeProvider();
        var failures = new FailureLog("broken", time, new MetricsLog(new SafeLogger(log)));
        Action[] reports =
        [
            () => failures.OnTimeout(TimeSpan.FromSeconds(30), waitsForSlot: false),
            () => failures.OnTimeout(TimeSpan.FromSeconds(30), waitsForSlot: true),
            () => failures.OnScrapeTimeout(TimeSpan.FromSeconds(10)),
            () => failures.OnAbandoned(TimeSpan.FromSeconds(30.25)),
            () => failures.OnEndedLate(TimeSpan.FromSeconds(40), exception: null),
        ];
        foreach (var report in reports.Concat(reports))
            report();
        foreach (var (report, minutes) in reports.Zip([1, 2, 4]))
        {
            time.Advance(TimeSpan.FromMinutes(minutes));
            report();
        }

        Assert.That(
            log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(new[] { 2, 7, 9, 6, 3, 14, 14, 14 }));
        Assert.That(
            log.Entries.TakeLast(3).Select(entry => entry.Message.Split(": ")[^1].Split('.')[0]),
            Is.EqualTo(new[] { "timeout", "timeout before the start", "timeout of a scrape" }));
        Assert.That(failures.Totals, Is.EqualTo(new Dictionary<string, long>
        {
            ["error"] = 0,
            ["timeout"] = 6,
            ["scrape_timeout"] = 3,
            ["conflict"] = 0,
        }));
        Assert.That(failures.AbandonedRuns, Is.EqualTo(2));
    }

    [Test]
    public async Task Repeated_timeouts_are_logged_once_and_then_in_a_reminder()
    {
        var slow = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(
            slow, options => (options.Name, options.Timeout) = ("broken", TimeSpan.FromSeconds(20))));

        for (var scrape = 0; scrape < 6; scrape++)
        {
            var failed = host.ScrapeAndCatchAsync();
            await slow.WaitForRunAsync();
            host.Time.Advance(TimeSpan.FromSeconds(20));
            await failed;
        }

        // The first timeout is logged in full. The reminder follows after a minute.
        Assert.That(host.Log.GetEntries(LogLevel.Error).Select(entry => entry.Event.Id), Is.EqualTo(new[] { 2, 14 }));
        Assert.That(host.Log.GetEntries(LogLevel.Error).Last().Message, Does.Contain(
            "is still failing: 4 failures in 60 s. The last one: timeout."));
        Assert.That(host.Log.GetEntries(LogLevel.Information).Select(entry => entry.Event.Id), Is.EqualTo(new[] { 3 }));
    }

    [Test]
    public async Task First_timeout_of_each_query_names_the_query()
    {
        string[] queries = ["a", "b_total, c", "a", "b_total, c"];
        var runs = 0;
        await using var host = CreateHost(async token =>
        {
            var query = queries[runs++];
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException exception)
            {
                exception.Data["Families"] = query;
                throw;
            }

            return [];
        });

        for (var ended = 1; ended <= queries.Length; ended++)
        {
            var failed = host.ScrapeAndCatchAsync();
            host.Time.Advance(TimeSpan.FromSeconds(30));
            await failed;
            await Waiting.UntilAsync(
                () => host.Log.GetEntries(LogLevel.Debug).Count(entry => entry.Event.Id == 5), count => count == ended);
        }

        Assert.That(host.Log.GetEntries(LogLevel.Information).Select(entry => entry.Message), Is.EqualTo(new[]
        {
            "Collector broken completed 30 s after it started, past its timeout in the query of a.",
            "Collector broken completed 30 s after it started, past its timeout in the query of b_total, c.",
        }));
    }

    [Test]
    public void Runs_that_end_late_are_logged_for_the_first_sixteen_queries_only()
    {
        using var log = new ListLogger();
        var failures = new FailureLog("broken", new FakeTimeProvider(), new MetricsLog(new SafeLogger(log)));

        for (var i = 0; i < 20; i++)
            failures.OnEndedLate(TimeSpan.FromSeconds(30), CreateQueryError($"family{i}", ""));

        Assert.That(log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(Enumerable.Repeat(3, 16)));
    }

    [Test]
    public async Task Repeated_conflicts_are_logged_once_and_then_in_a_reminder_until_the_recovery()
    {
        var conflicts = true;
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Returning("x", 1), options => options.Name = "first")
            .AddCollector(
                new FakeCollector(_ => Task.FromResult(FakeCollector.CreateGauge(conflicts ? "x" : "y"))),
                options => options.Name = "broken"));
        for (var scrape = 0; scrape < 5; scrape++)
        {
            await host.ScrapeAndCatchAsync();
            host.Time.Advance(ScrapeInterval);
        }

        conflicts = false;
        host.Time.Advance(FailureLog.MinInterval);
        await host.ScrapeAsync();

        Assert.That(host.Log.Entries.Select(entry => entry.Event.Id), Is.EqualTo(new[] { 4, 14, 15 }));
        Assert.That(host.Log.Entries[1].Message, Does.Contain("conflict of metric family x with collector first"));
        Assert.That(
            host.Log.Entries[2].Message,
            Does.Contain("broken has recovered: it has not failed for a minute. Failures before: 5,"));
    }

    private static InvalidOperationException CreateQueryError(string families, string message) =>
        new(message) { Data = { ["Families"] = families } };

    private static MetricsHost CreateHost(Func<CancellationToken, Task<IReadOnlyList<MetricFamily>>> collect) =>
        new(builder => builder.AddCollector(new FakeCollector(collect), options => options.Name = "broken"));
}
