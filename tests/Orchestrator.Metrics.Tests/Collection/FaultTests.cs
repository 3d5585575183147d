using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.Collection;

/// <summary>
/// Wherever a collector throws, only that collector fails, the log contains the cause once, and the next scrape starts
/// a new run.
/// </summary>
public class FaultTests
{
    private const string Marker = "secret-db-host-4711";

    private static IEnumerable<TestCaseData> Faults()
    {
        yield return Fault("In_the_constructor", builder => builder.AddCollector<ThrowingConstructor>(Named));
        yield return Fault("In_the_factory", builder => builder.AddCollector<FakeCollector>(_ => throw Error(), Named));
        yield return Fault(
            "Factory_that_returns_null", builder => builder.AddCollector<FakeCollector>(_ => null!, Named));
        yield return Fault("Missing_service", builder => builder.AddCollector(
            services => new NeedsService(services.GetRequiredService<IFormattable>()), Named));
        yield return Fault(
            "Before_the_first_await", builder => builder.AddCollector(new FakeCollector(_ => throw Error()), Named));
        yield return Fault("After_an_await", builder => builder.AddCollector(
            new FakeCollector(async _ =>
            {
                await Task.Yield();
                throw Error();
            }),
            Named));
        yield return Fault("At_the_first_row", builder => builder.AddCollector(Rows(throwAt: 0), Named));
        yield return Fault("At_a_middle_row", builder => builder.AddCollector(Rows(throwAt: 50), Named));
        yield return Fault("At_the_last_row", builder => builder.AddCollector(Rows(throwAt: 99), Named));
        yield return Fault("In_Dispose", builder =>
        {
            builder.Services.AddScoped(_ => new ThrowingDispose());
            builder.AddCollector(services => Using(services.GetRequiredService<ThrowingDispose>()), Named);
        });
        yield return Fault("In_DisposeAsync", builder =>
        {
            builder.Services.AddScoped(_ => new ThrowingDisposeAsync());
            builder.AddCollector(services => Using(services.GetRequiredService<ThrowingDisposeAsync>()), Named);
        });
        yield return Fault("Unrequested_cancellation", builder => builder.AddCollector(
            FakeCollector.Failing(new TaskCanceledException(Marker)), Named));
        yield return Fault("Timeout_of_the_collector", builder => builder.AddCollector(
            FakeCollector.Failing(new TimeoutException(Marker)), Named));
        yield return Fault("List_that_throws", builder => builder.AddCollector(
            new FakeCollector(_ => Task.FromResult<IReadOnlyList<MetricFamily>>(new ThrowingList())), Named));

        static TestCaseData Fault(string name, Action<OrchestratorMetricsBuilder> add) =>
            new TestCaseData(add).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Faults))]
    public async Task Scrape_fails_and_the_log_names_the_collector_once(Action<OrchestratorMetricsBuilder> add)
    {
        await using var host = Host(add, FailurePolicy.FailScrape);

        var failure = await host.FailedScrapeAsync();

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "broken" }));
        Assert.That(failure.TimedOut, Is.False);
        Assert.That(failure.Message, Does.Contain("broken").And.Not.Contain(Marker));
        Assert.That(failure.InnerException, Is.Not.Null);
        var entry = host.Log.Entries.Single();
        Assert.That(entry.Level, Is.EqualTo(LogLevel.Error));
        Assert.That(entry.Message, Does.Contain("broken"));
        Assert.That(entry.Exception, Is.SameAs(failure.InnerException));
    }

    [TestCaseSource(nameof(Faults))]
    public async Task Other_collectors_are_served_under_ReportAndContinue(Action<OrchestratorMetricsBuilder> add)
    {
        await using var host = Host(add, FailurePolicy.ReportAndContinue);

        var snapshot = await host.ScrapeAsync();

        Assert.That(snapshot.Value("fine"), Is.EqualTo(1));
        Assert.That(snapshot.Lines("success"), Is.EqualTo(new[]
        {
            "wfo_scrape_collector_success{collector=\"broken\"} 0.0",
            "wfo_scrape_collector_success{collector=\"fine\"} 1.0",
        }));
        Assert.That(snapshot.ToText(ExpositionFormat.PrometheusText), Does.Not.Contain(Marker));
    }

    [TestCaseSource(nameof(Faults))]
    public async Task Next_scrape_runs_the_collector_again(Action<OrchestratorMetricsBuilder> add)
    {
        await using var host = Host(add, FailurePolicy.FailScrape);

        await host.FailedScrapeAsync();
        host.Time.Advance(FailureLog.MinInterval);
        await host.FailedScrapeAsync();

        Assert.That(host.Log.Entries[^1].Message, Does.Contain("Collector broken is still failing: 2 failures in 60 s"));
    }

    [Test]
    public async Task Disposal_that_also_throws_does_not_hide_the_cause_of_the_failure()
    {
        // If a database becomes unavailable, both the query and the rollback in Dispose fail.
        var query = new InvalidOperationException("the query failed");
        await using var host = new MetricsHost(builder =>
        {
            builder.Services.AddScoped(_ => new ThrowingDispose());
            builder.AddCollector(services =>
            {
                services.GetRequiredService<ThrowingDispose>();
                return FakeCollector.Failing(query);
            });
        });

        await host.FailedScrapeAsync();

        Assert.That(host.Log.Entries.Single().Exception!.ToString(), Does.Contain("the query failed"));
    }

    [Test]
    public async Task Logger_that_throws_does_not_block_callers()
    {
        // Microsoft.Extensions.Logging rethrows the exceptions of its providers to the caller.
        var services = new ServiceCollection();
        services.AddSingleton<ILogger<OrchestratorMetricsRegistry>>(new ThrowingLogger());
        services.AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None)
            .AddCollector(FakeCollector.Failing(Error()), Named);
        await using var provider = services.BuildServiceProvider();

        var failure = await MetricsHost.FailureAsync(
            provider.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon());

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "broken" }));
    }

    [Test]
    public async Task Logger_that_throws_does_not_turn_a_missing_schema_into_a_failure()
    {
        var log = new MissingSchemaHandler(new SafeLogger(new ThrowingLogger()));

        var rows = await log.GetRowsOrEmptyAsync<int>("missing", _ => throw new SchemaNotFoundException(), default);

        Assert.That(rows, Is.Empty);
    }

    [Test]
    public async Task Logger_that_throws_at_a_deadline_does_not_affect_the_deadline()
    {
        var registry = new OrchestratorMetricsRegistry(
            scopes: null, new OrchestratorMetricsOptions(), TimeProvider.System,
            new SafeLogger(new ThrowingLogger()), [], stopping: default);
        registry.Register(new GatedCollector("stuck"), Named);

        var failure = await MetricsHost.FailureAsync(registry.CollectAsync(new() { Timeout = TimeSpan.Zero }).Soon());

        Assert.That((failure.TimedOut, failure.FailedCollectors.Single()), Is.EqualTo((true, "broken")));
    }

    private static MetricsHost Host(Action<OrchestratorMetricsBuilder> add, FailurePolicy policy) => new(
        builder =>
        {
            add(builder);
            builder.AddCollector(FakeCollector.Counting("fine"), options => options.Name = "fine");
        },
        options => options.FailurePolicy = policy);

    private static void Named(CollectorOptions options) => options.Name = "broken";

    private static InvalidOperationException Error() => new(Marker);

    private static FakeCollector Using(object service)
    {
        Assert.That(service, Is.Not.Null);
        return FakeCollector.Counting("x");
    }

    private static FakeCollector Rows(int throwAt) => new(async _ =>
    {
        var family = MetricFamily.Gauge("rows", "", "row");
        for (var row = 0; row < 100; row++)
        {
            await Task.Yield();
            if (row == throwAt)
                throw Error();
            family.Add(row, $"{row}");
        }

        return [family];
    });

    internal sealed class ThrowingConstructor : IMetricsCollector
    {
        public ThrowingConstructor() => throw Error();

        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    internal sealed class NeedsService(IFormattable service) : IMetricsCollector
    {
        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException($"{service}");
    }

    private sealed class ThrowingDispose : IDisposable
    {
        public void Dispose() => throw Error();
    }

    private sealed class ThrowingDisposeAsync : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            throw Error();
        }
    }

    private sealed class ThrowingList : IReadOnlyList<MetricFamily>
    {
        public int Count => throw Error();

        public MetricFamily this[int index] => throw Error();

        public IEnumerator<MetricFamily> GetEnumerator() => throw Error();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => throw Error();
    }

    private sealed class ThrowingLogger : ILogger<OrchestratorMetricsRegistry>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => throw Error();

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => throw Error();
    }
}
