using System.Runtime.CompilerServices;

namespace Orchestrator.Metrics.Tests;

public class ScrapeTests
{
    [Test]
    public async Task Scrape_returns_the_families_of_the_collector()
    {
        MetricFamily[] families = [MetricFamily.Gauge("b", ""), MetricFamily.Counter("a", "")];

        var metrics = await FakeCollector.Returning(families).ScrapeAsync();

        Assert.That(metrics.Families, Is.EqualTo(families));
    }

    [Test]
    public async Task Text_equals_the_response_of_the_endpoint()
    {
        var family = MetricFamily.Create(MetricType.Counter, "acme_jobs", "Jobs \"done\".", ["name"], unit: "jobs");
        family.Add(MetricPoint.Counter(2, exemplar: new(1, [new("id", "é")])), "a\"b");

        var metrics = await FakeCollector.Returning(family).ScrapeAsync();

        Assert.That(metrics.ToText(), Is.EqualTo(
            "# HELP acme_jobs_total Jobs \"done\".\n# TYPE acme_jobs_total counter\n" +
            "acme_jobs_total{name=\"a\\\"b\"} 2.0\n"));
        Assert.That(metrics.ToText(ExpositionFormat.OpenMetrics), Is.EqualTo(
            "# HELP acme_jobs Jobs \\\"done\\\".\n# TYPE acme_jobs counter\n# UNIT acme_jobs jobs\n" +
            "acme_jobs_total{name=\"a\\\"b\"} 2.0 # {id=\"é\"} 1.0\n# EOF\n"));
    }

    [Test]
    public async Task Collected_family_is_read_only()
    {
        var family = MetricFamily.Gauge("x", "");
        await FakeCollector.Returning(family).ScrapeAsync();

        Assert.That(() => family.Add(1), Throws.InvalidOperationException);
    }

    [Test]
    public async Task Exception_of_the_collector_is_rethrown_unchanged()
    {
        var collector = new FakeCollector(async _ =>
        {
            await Task.Yield();
            throw CreateFailure();
        });

        var thrown = await Assert.ThrowsAsync<FormatException>(() => collector.ScrapeAsync());

        Assert.That(thrown!.Message, Is.EqualTo("marker"));
        Assert.That(thrown.StackTrace, Does.Contain(nameof(Exception_of_the_collector_is_rethrown_unchanged)));
    }

    [Test]
    public void Exception_before_the_first_await_is_rethrown()
    {
        var collector = FakeCollector.Throwing(CreateFailure());

        Assert.That(() => collector.ScrapeAsync(), Throws.InstanceOf<FormatException>());
    }

    [Test]
    public void Cancellation_by_the_collector_is_rethrown()
    {
        var collector = FakeCollector.Throwing(new OperationCanceledException("thrown by the collector"));

        Assert.That(
            () => collector.ScrapeAsync(),
            Throws.InstanceOf<OperationCanceledException>().With.Message.EqualTo("thrown by the collector"));
    }

    [Test]
    public async Task Token_is_passed_to_the_collector()
    {
        var seen = new TaskCompletionSource<CancellationToken>();
        var collector = new FakeCollector(async token =>
        {
            seen.SetResult(token);
            await Task.Delay(Timeout.Infinite, token);
            return [];
        });
        using var caller = new CancellationTokenSource();

        var scrape = collector.ScrapeAsync(caller.Token);
        var token = await seen.Task;
        Assert.That(token.IsCancellationRequested, Is.False);
        await caller.CancelAsync();

        Assert.That(() => scrape, Throws.InstanceOf<OperationCanceledException>());
        var cancelled = new TaskCompletionSource();
        await using var registration = token.Register(cancelled.SetResult);
        await cancelled.Task.Soon();
    }

    [Test]
    public void Cancelled_token_does_not_run_the_collector()
    {
        var collector = FakeCollector.Throwing(CreateFailure());

        Assert.That(
            () => collector.ScrapeAsync(new CancellationToken(canceled: true)),
            Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Null_from_the_collector_is_an_error() =>
        Assert.That(() => FakeCollector.Returning(null).ScrapeAsync(),
            Throws.InvalidOperationException.With.Message.Contains("returned null. Return an empty list"));

    [Test]
    public void Duplicate_families_are_an_error() =>
        Assert.That(
            () => FakeCollector.Returning(MetricFamily.Gauge("x", ""), MetricFamily.Gauge("x", "")).ScrapeAsync(),
            Throws.InvalidOperationException.With.Message.Contains("samples of the same name"));

    [Test]
    public void Duplicate_series_are_an_error()
    {
        var family = MetricFamily.Gauge("x", "", "label");
        family.Add(1, "twice");
        family.Add(2, "twice");

        Assert.That(() => FakeCollector.Returning(family).ScrapeAsync(),
            Throws.InvalidOperationException.With.Message.Contains("two samples with the labels {label=\"twice\"}. Sum"));
    }

    [Test]
    public void Null_arguments_are_rejected()
    {
        var metrics = new MetricsSnapshot([]);

        Assert.That(() => ((IMetricsCollector)null!).ScrapeAsync(), Throws.ArgumentNullException);
        Assert.That(() => ((MetricsSnapshot)null!).ToText(), Throws.ArgumentNullException);
        Assert.That(() => ((MetricsSnapshot)null!).AssertEqual(""), Throws.ArgumentNullException);
        Assert.That(() => metrics.AssertEqual(null!), Throws.ArgumentNullException);
        Assert.That(() => ((MetricsSnapshot)null!).Lint(), Throws.ArgumentNullException);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static FormatException CreateFailure() => new("marker");
}
