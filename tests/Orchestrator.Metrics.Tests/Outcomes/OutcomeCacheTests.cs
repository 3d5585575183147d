using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Metrics.Tests.Outcomes;

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
        var cache = CreateCache(options => options.RefreshEvery = FromSeconds(interval));
        cache.Add(CreateSuccess(FromSeconds(duration)));

        Assert.That(cache.GetSharedMaxAge(FromSeconds(duration)), Is.EqualTo(FromSeconds(age)));
        _time.Advance(FromSeconds(age) - Tick);
        Assert.That(cache.GetForRefresh(), Is.Not.Null);
        _time.Advance(Tick);
        Assert.That(cache.GetForRefresh(), Is.Null);
    }

    [Test]
    public void Refresh_needs_a_run_after_a_failure()
    {
        var cache = CreateCache(options => options.RefreshEvery = FromSeconds(60));
        Assert.That(cache.GetForRefresh(), Is.Null);
        cache.Add(CreateSuccess());
        cache.Add(CreateFailure());

        Assert.That(cache.GetForRefresh(), Is.Null);
    }

    [TestCase(60, 59)]
    [TestCase(10, 9.5)]
    public void Shared_age_of_a_cached_result_is_CacheFor_minus_the_tolerance(double cacheFor, double age)
    {
        var cache = CreateCache(options => options.CacheFor = FromSeconds(cacheFor));

        Assert.That(cache.GetSharedMaxAge(FromSeconds(20)), Is.EqualTo(FromSeconds(age)));
    }

    // The interval is at least ten times the duration of the run, of which at most the timeout of 30 s counts.
    [TestCase(0, 57, 63)]
    [TestCase(5, 57, 63)]
    [TestCase(6, 60, 63)]
    [TestCase(20, 200, 210)]
    [TestCase(3600, 300, 315)]
    public void Interval_varies_by_5_percent_but_is_never_too_short_for_the_last_run(
        int duration, int shortest, int longest)
    {
        var cache = CreateCache(options => options.RefreshEvery = FromSeconds(60));
        cache.Add(CreateSuccess(FromSeconds(duration)));

        AssertInterval(cache, shortest, longest);
    }

    [Test]
    public void Interval_depends_on_the_last_run_even_if_it_failed()
    {
        var cache = CreateCache(options => options.RefreshEvery = FromSeconds(60));
        AssertInterval(cache, 57, 63);
        cache.Add(CreateFailure(FromSeconds(20)));
        AssertInterval(cache, 200, 210);
        cache.Add(CreateSuccess(FromSeconds(25)));
        AssertInterval(cache, 250, 262.5);
        cache.Add(CreateFailure());
        AssertInterval(cache, 57, 63);
    }

    // Three intervals plus the timeout of 30 s; or ServeStaleFor, but at least the longest interval plus the timeout.
    [TestCase(0, null, 0, 210)]
    [TestCase(20, null, 0, 630)]
    [TestCase(0, 20, 0, 630)]
    [TestCase(20, 0, 0, 630)]
    [TestCase(0, null, 60, 93)]
    [TestCase(0, 0, 60, 93)]
    [TestCase(6, null, 60, 93)]
    [TestCase(0, null, 94, 94)]
    [TestCase(20, null, 60, 240)]
    [TestCase(20, null, 300, 300)]
    [TestCase(30, null, 60, 345)]
    public void Scrapes_get_the_last_refreshed_result_up_to_its_maximum_age(
        int duration, int? failedAfter, int serveStaleFor, int age)
    {
        var cache = CreateCache(options =>
            (options.RefreshEvery, options.ServeStaleFor) = (FromSeconds(60), FromSeconds(serveStaleFor)));
        var success = CreateSuccess(FromSeconds(duration));
        var failure = failedAfter is { } seconds ? CreateFailure(FromSeconds(seconds)) : null;
        cache.Add(success);
        if (failure is not null)
            cache.Add(failure);

        _time.Advance(FromSeconds(age));
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
        var cache = CreateCache(options => options.RefreshEvery = FromSeconds(60));
        Assert.That(cache.GetForScrape(isRunning: false), Is.Null);
        Assert.That(cache.GetForScrape(isRunning: true), Is.Null);
        var failure = CreateFailure();
        cache.Add(failure);

        Assert.That(cache.GetForScrape(isRunning: false), Is.SameAs(failure));
        Assert.That(cache.GetForScrape(isRunning: true), Is.Null);
    }

    [Test]
    public void Scrape_that_does_not_wait_for_the_first_result_fails()
    {
        var cache = CreateCache(
            options => (options.RefreshEvery, options.WaitForFirstResult) = (FromSeconds(60), false));

        Assert.That(
            cache.GetForScrape(isRunning: true)!.Error!.Message, Does.StartWith("Collector 'x' has no result yet"));
        var failure = CreateFailure();
        cache.Add(failure);
        Assert.That(cache.GetForScrape(isRunning: true), Is.SameAs(failure));
    }

    [Test]
    public void Stale_families_are_added_to_a_failure_up_to_their_age_limit()
    {
        var cache = CreateCache(options => options.ServeStaleFor = FromSeconds(60));
        var success = CreateSuccess();
        cache.Add(success);

        _time.Advance(FromSeconds(60));
        var failure = CreateFailure();
        Assert.That(
            cache.AddStaleFamilies(failure),
            Is.EqualTo(failure with { Families = success.Families, StartedAt = success.StartedAt }));
        _time.Advance(Tick);
        Assert.That(cache.AddStaleFamilies(failure), Is.SameAs(failure));
    }

    [Test]
    public void Stale_families_are_added_neither_to_a_success_nor_to_a_refresh_nor_without_ServeStaleFor()
    {
        var stale = CreateCache(options => options.ServeStaleFor = FromSeconds(60));
        var cached = CreateCache(options => options.CacheFor = FromSeconds(60));
        var refreshed = CreateCache(
            options => (options.RefreshEvery, options.ServeStaleFor) = (FromSeconds(60), FromSeconds(60)));
        foreach (var cache in (OutcomeCache[])[stale, cached, refreshed])
            cache.Add(CreateSuccess());
        var (success, failure) = (CreateSuccess(), CreateFailure());

        Assert.That(stale.AddStaleFamilies(success), Is.SameAs(success));
        Assert.That(cached.AddStaleFamilies(failure), Is.SameAs(failure));
        Assert.That(refreshed.AddStaleFamilies(failure), Is.SameAs(failure));
    }

    private OutcomeCache CreateCache(Action<CollectorOptions> configure) => new(
        CollectorRegistration.ForInstance(
            FakeCollector.Counting("x"), options =>
            {
                options.Name = "x";
                configure(options);
            }),
        timeout: FromSeconds(30), _time);

    private CollectorOutcome CreateSuccess(TimeSpan duration = default) =>
        new(FakeCollector.CreateGauge("x"), _time.GetTimestamp(), duration);

    private static CollectorOutcome CreateFailure(TimeSpan duration = default) =>
        CollectorOutcome.CreateFailure(new InvalidOperationException(), duration);

    private static TimeSpan FromSeconds(double seconds) => TimeSpan.FromSeconds(seconds);

    // A thousand intervals cannot miss an outer quarter of their range in practice.
    private static void AssertInterval(OutcomeCache cache, double shortest, double longest)
    {
        var intervals = Enumerable.Range(0, 1000).Select(_ => cache.GetNextInterval().TotalSeconds).ToArray();
        var quarter = (longest - shortest) / 4;
        Assert.That(intervals, Is.All.InRange(shortest, longest));
        Assert.That(intervals.Min(), Is.LessThan(shortest + quarter));
        Assert.That(intervals.Max(), Is.GreaterThan(longest - quarter));
    }
}
