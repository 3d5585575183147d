using System.Collections.Concurrent;
using System.Diagnostics;

namespace Orchestrator.Metrics.Tests.Collection;

public sealed class TracingTests
{
    [Test]
    public async Task Scrape_is_a_span_and_each_run_a_child_span()
    {
        using var trace = new Trace();
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Counting("a"), options => options.Name = "a")
            .AddCollector(FakeCollector.Counting("b"), options => options.Name = "b"));

        await host.ScrapeAsync();

        var spans = trace.Spans;
        var scrape = spans.Single(span => span.OperationName == "scrape");
        Assert.That(scrape.ParentSpanId, Is.EqualTo(trace.Root.SpanId));
        var collectors = spans.Where(span => span != scrape).ToArray();
        Assert.That(collectors.Select(span => span.OperationName), Is.EquivalentTo(new[] { "collect a", "collect b" }));
        Assert.That(collectors.Select(span => span.ParentSpanId), Has.All.EqualTo(scrape.SpanId));
        Assert.That(spans.Select(span => span.Status), Has.All.EqualTo(ActivityStatusCode.Unset));
    }

    [Test]
    public async Task Failure_is_the_status_of_both_spans_without_the_cause()
    {
        using var trace = new Trace();
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Failing(new InvalidOperationException("marker-4711"))));

        await host.ScrapeAndCatchAsync();

        Assert.That(trace.Spans.Select(span => span.Status), Is.EqualTo(
            new[] { ActivityStatusCode.Error, ActivityStatusCode.Error }));
        Assert.That(trace.Spans.Select(span => span.StatusDescription), Is.All.Null);
    }

    [Test]
    public async Task Shared_run_is_one_span()
    {
        using var trace = new Trace();
        var collector = new GatedCollector("x");
        await using var host = new MetricsHost(builder => builder.AddCollector(collector));

        var scrapes = Enumerable.Range(0, 10).Select(_ => host.ScrapeAsync()).ToArray();
        (await collector.WaitForRunAsync()).Return();
        await Task.WhenAll(scrapes);

        Assert.That(trace.Spans.Count(span => span.OperationName == "scrape"), Is.EqualTo(10));
        Assert.That(trace.Spans.Count(span => span.OperationName == "collect GatedCollector"), Is.EqualTo(1));
    }

    [Test]
    public async Task Collector_runs_within_its_span()
    {
        using var trace = new Trace();
        string? inside = null;
        await using var host = new MetricsHost(builder => builder.AddCollector(new FakeCollector(_ =>
        {
            inside = Activity.Current?.OperationName;
            return Task.FromResult(FakeCollector.CreateGauge("x"));
        })));

        await host.ScrapeAsync();

        Assert.That(inside, Is.EqualTo("collect FakeCollector"));
    }

    [Test]
    public async Task Span_of_a_timed_out_run_ends_with_the_run()
    {
        using var trace = new Trace();
        var stuck = new GatedCollector("x", ignoresToken: true);
        await using var host = new MetricsHost(builder => builder.AddCollector(stuck));
        var scrape = host.ScrapeAsync();
        var run = await stuck.WaitForRunAsync();
        host.Time.Advance(TimeSpan.FromSeconds(30));
        await MetricsHost.CatchFailureAsync(scrape);
        Assert.That(trace.Spans.Select(span => span.OperationName), Is.EqualTo(new[] { "scrape" }));

        run.Return();
        await host.Log.WaitForAsync(entry => entry.Event.Id == 3);

        Assert.That(trace.Spans.Select(span => span.OperationName), Has.One.EqualTo("collect GatedCollector"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Listener_that_throws_fails_the_run_but_not_the_next_one(bool atTheStart)
    {
        using var root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        var throws = true;
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Orchestrator.Metrics",
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.TraceId == root.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStarted = span => ThrowIf(atTheStart, span),
            ActivityStopped = span => ThrowIf(!atTheStart, span),
        };
        ActivitySource.AddActivityListener(listener);
        await using var host = new MetricsHost(builder => builder.AddCollector(FakeCollector.Counting("x")));

        Assert.That((await host.ScrapeAndCatchAsync()).InnerException!.Message, Is.EqualTo("listener"));
        Assert.That(host.Log.Entries.Select(entry => entry.Span), Is.All.Null, "The log entry is outside the span.");
        throws = false;
        await host.ScrapeAsync();

        void ThrowIf(bool condition, Activity span)
        {
            if (condition && throws && span.TraceId == root.TraceId && span.OperationName != "scrape")
                throw new InvalidOperationException("listener");
        }
    }

    [Test]
    public async Task No_span_is_created_without_a_listener()
    {
        Activity? inside = null;
        await using var host = new MetricsHost(builder => builder.AddCollector(new FakeCollector(_ =>
        {
            inside = Activity.Current;
            return Task.FromResult(FakeCollector.CreateGauge("x"));
        })));

        await host.ScrapeAsync();

        Assert.That(inside, Is.Null);
    }

    /// <summary>Collects the spans below one root, so other tests can scrape concurrently.</summary>
    private sealed class Trace : IDisposable
    {
        private readonly ConcurrentQueue<Activity> _spans = [];
        private readonly ActivityListener _listener;

        public Trace()
        {
            Root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
            _listener = new ActivityListener
            {
                ShouldListenTo = source => source.Name == "Orchestrator.Metrics",
                Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                    options.TraceId == Root.TraceId ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
                ActivityStopped = _spans.Enqueue,
            };
            ActivitySource.AddActivityListener(_listener);
        }

        public Activity Root { get; }

        public Activity[] Spans => [.. _spans];

        public void Dispose()
        {
            _listener.Dispose();
            Root.Dispose();
        }
    }
}
