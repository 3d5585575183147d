using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Metrics.Tests.Outcomes;

/// <summary>The exact limits of ages and intervals.</summary>
public class OutcomeCacheTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    private readonly FakeTimeProvider _time = new();

    [TestCase(0, 60, 54)]
    [TestCase(6, 60, 54)]
    [TestCase(20, 60, 180)]
    [TestCase(3600, 60, 270)]
    public void Refresh_reuses_a_success_up_to_the_shared_age(int duration, int interval, int age)
    {
        var cache = Cache(options => options.RefreshEvery = Seconds(interval));
        cache.Add(Success(Seconds(duration)));

        Assert.That(cache.GetSharedMaxAge(Seconds(duration)), Is.EqualTo(Seconds(age)));
        _time.Advance(Seconds(age) - Tick);
        Assert.That(cache.GetForRefresh(), Is.Not.Null);
        _time.Advance(Tick);
        Assert.That(cache.GetForRefresh(), Is.Null);
    }

    [Test]
    public void Refresh_needs_a_run_after_a_failure()
    {
        var cache = Cache(options => options.RefreshEvery = Seconds(60));
        Assert.That(cache.GetForRefresh(), Is.Null);
        cache.Add(Success());
        cache.Add(Failure());

        Assert.That(cache.GetForRefresh(), Is.Null);
    }

    [TestCase(60, 59)]
    [TestCase(10, 9.5)]
    public void Shared_age_of_a_cached_result_is_that_of_the_cache(double cacheFor, double age) => Assert.That(
        Cache(options => options.CacheFor = Seconds(cacheFor)).GetSharedMaxAge(Seconds(20)), Is.EqualTo(Seconds(age)));

    // The duration determines the interval from 6 s on: a tenth of the time.
    [TestCase(0, 57, 63)]
    [TestCase(6, 57, 63)]
    [TestCase(20, 200, 210)]
    [TestCase(3600, 300, 315)]
    public void Interval_varies_by_five_percent_and_never_below_the_share(int duration, int shortest, int longest)
    {
        var cache = Cache(options => options.RefreshEvery = Seconds(60));
        cache.Add(Success(Seconds(duration)));

        AssertInterval(cache, shortest, longest);
    }

    [Test]
    public void Interval_depends_on_the_last_run_even_if_it_failed()
    {
        var cache = Cache(options => options.RefreshEvery = Seconds(60));
        AssertInterval(cache, 57, 63);
        cache.Add(Failure(Seconds(20)));
        AssertInterval(cache, 200, 210);
        cache.Add(Success(Seconds(25)));
        AssertInterval(cache, 250, 262.5);
        cache.Add(Failure());
        AssertInterval(cache, 57, 63);
    }

    // Three intervals and the timeout of 30 s, or ServeStaleFor.
    [TestCase(0, null, 0, 210)]
    [TestCase(20, null, 0, 630)]
    [TestCase(0, 20, 0, 630)]
    [TestCase(20, 0, 0, 630)]
    [TestCase(0, null, 60, 60)]
    [TestCase(6, null, 60, 60)]
    [TestCase(20, null, 60, 240)]
    [TestCase(20, null, 300, 300)]
    [TestCase(30, null, 60, 345)]
    public void Scrapes_get_the_last_refreshed_result_up_to_its_maximum_age(
        int duration, int? failedAfter, int serveStaleFor, int age)
    {
        var cache = Cache(options =>
            (options.RefreshEvery, options.ServeStaleFor) = (Seconds(60), Seconds(serveStaleFor)));
        var success = Success(Seconds(duration));
        var failure = failedAfter is { } seconds ? Failure(Seconds(seconds)) : null;
        cache.Add(success);
        if (failure is not null)
            cache.Add(failure);

        _time.Advance(Seconds(age));
        Assert.That(cache.GetForScrape(isRunning: false), Is.EqualTo(success with { Error = failure?.Error }));
        _time.Advance(Tick);
        var tooOld = cache.GetForScrape(isRunning: false)!;
        Assert.That(tooOld.Families, Is.Null);
        Assert.That(tooOld.Error!.Message, Is.EqualTo($"The last result of collector 'x' is older than {age} s."));
        Assert.That(tooOld.Error.InnerException, Is.SameAs(failure?.Error));
    }

    [Test]
    public void Scrape_before_the_first_result_joins_a_refresh_or_gets_its_failure()
    {
        var cache = Cache(options => options.RefreshEvery = Seconds(60));
        Assert.That(cache.GetForScrape(isRunning: false), Is.Null);
        Assert.That(cache.GetForScrape(isRunning: true), Is.Null);
        var failure = Failure();
        cache.Add(failure);

        Assert.That(cache.GetForScrape(isRunning: false), Is.SameAs(failure));
        Assert.That(cache.GetForScrape(isRunning: true), Is.Null);
    }

    [Test]
    public void Scrape_that_does_not_wait_for_the_first_result_fails()
    {
        var cache = Cache(options => (options.RefreshEvery, options.WaitForFirstResult) = (Seconds(60), false));

        Assert.That(
            cache.GetForScrape(isRunning: true)!.Error!.Message, Does.StartWith("Collector 'x' has no result yet"));
        var failure = Failure();
        cache.Add(failure);
        Assert.That(cache.GetForScrape(isRunning: true), Is.SameAs(failure));
    }

    [Test]
    public void Failure_gets_stale_families_up_to_their_age_limit()
    {
        var cache = Cache(options => options.ServeStaleFor = Seconds(60));
        var success = Success();
        cache.Add(success);

        _time.Advance(Seconds(60));
        var failure = Failure();
        Assert.That(
            cache.AddStaleFamilies(failure),
            Is.EqualTo(failure with { Families = success.Families, StartedAt = success.StartedAt }));
        _time.Advance(Tick);
        Assert.That(cache.AddStaleFamilies(failure), Is.SameAs(failure));
    }

    [Test]
    public void Success_failure_without_ServeStaleFor_and_refreshed_failure_get_no_stale_families()
    {
        var stale = Cache(options => options.ServeStaleFor = Seconds(60));
        var cached = Cache(options => options.CacheFor = Seconds(60));
        var refreshed = Cache(options => (options.RefreshEvery, options.ServeStaleFor) = (Seconds(60), Seconds(60)));
        foreach (var cache in (OutcomeCache[])[stale, cached, refreshed])
            cache.Add(Success());
        var (success, failure) = (Success(), Failure());

        Assert.That(stale.AddStaleFamilies(success), Is.SameAs(success));
        Assert.That(cached.AddStaleFamilies(failure), Is.SameAs(failure));
        Assert.That(refreshed.AddStaleFamilies(failure), Is.SameAs(failure));
    }

    private OutcomeCache Cache(Action<CollectorOptions> configure) => new(
        CollectorRegistration.ForInstance(
            FakeCollector.Counting("x"), options =>
            {
                options.Name = "x";
                configure(options);
            }),
        timeout: Seconds(30), _time);

    private CollectorOutcome Success(TimeSpan duration = default) =>
        new(FakeCollector.CreateGauge("x"), _time.GetTimestamp(), duration);

    private static CollectorOutcome Failure(TimeSpan duration = default) =>
        CollectorOutcome.CreateFailure(new InvalidOperationException(), duration);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary>
    /// Asserts the range of an interval. That a thousand intervals all miss one of its outer quarters is impossible in
    /// practice.
    /// </summary>
    private static void AssertInterval(OutcomeCache cache, double shortest, double longest)
    {
        var intervals = Enumerable.Range(0, 1000).Select(_ => cache.GetNextInterval().TotalSeconds).ToArray();
        var quarter = (longest - shortest) / 4;
        Assert.That(intervals, Is.All.InRange(shortest, longest));
        Assert.That(intervals.Min(), Is.LessThan(shortest + quarter));
        Assert.That(intervals.Max(), Is.GreaterThan(longest - quarter));
    }
}
