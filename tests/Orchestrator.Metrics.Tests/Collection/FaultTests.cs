using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests.Collection;

public class FaultTests
{
    private const string Marker = "secret-db-host-4711";

    private static IEnumerable<TestCaseData> GetFaults()
    {
        yield return CreateFault("In_the_constructor", builder => builder.AddCollector<ThrowingConstructor>(SetName));
        yield return CreateFault(
            "In_the_factory", builder => builder.AddCollector<FakeCollector>(_ => throw CreateError(), SetName));
        yield return CreateFault(
            "Factory_that_returns_null", builder => builder.AddCollector<FakeCollector>(_ => null!, SetName));
        yield return CreateFault("Missing_service", builder => builder.AddCollector(
            services => new DependentCollector(services.GetRequiredService<IFormattable>()), SetName));
        yield return CreateFault(
            "Before_the_first_await",
            builder => builder.AddCollector(new FakeCollector(_ => throw CreateError()), SetName));
        yield return CreateFault("After_an_await", builder => builder.AddCollector(
            new FakeCollector(async _ =>
            {
                await Task.Yield();
                throw CreateError();
            }),
            SetName));
        yield return CreateFault(
            "At_the_first_row", builder => builder.AddCollector(CreateRowCollector(throwAt: 0), SetName));
        yield return CreateFault(
            "At_a_middle_row", builder => builder.AddCollector(CreateRowCollector(throwAt: 50), SetName));
        yield return CreateFault(
            "At_the_last_row", builder => builder.AddCollector(CreateRowCollector(throwAt: 99), SetName));
        yield return CreateFault("In_Dispose", builder =>
        {
            builder.Services.AddScoped(_ => new ThrowingDispose());
            builder.AddCollector(services => CreateCollector(services.GetRequiredService<ThrowingDispose>()), SetName);
        });
        yield return CreateFault("In_DisposeAsync", builder =>
        {
            builder.Services.AddScoped(_ => new ThrowingDisposeAsync());
            builder.AddCollector(
                services => CreateCollector(services.GetRequiredService<ThrowingDisposeAsync>()), SetName);
        });
        yield return CreateFault("Unrequested_cancellation", builder => builder.AddCollector(
            FakeCollector.Failing(new TaskCanceledException(Marker)), SetName));
        yield return CreateFault("TimeoutException_of_the_collector", builder => builder.AddCollector(
            FakeCollector.Failing(new TimeoutException(Marker)), SetName));
        yield return CreateFault("List_that_throws", builder => builder.AddCollector(
            new FakeCollector(_ => Task.FromResult<IReadOnlyList<MetricFamily>>(new ThrowingList())), SetName));

        static TestCaseData CreateFault(string name, Action<OrchestratorMetricsBuilder> add) =>
            new TestCaseData(add).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(GetFaults))]
    public async Task Scrape_fails_and_the_log_names_the_collector_once(Action<OrchestratorMetricsBuilder> add)
    {
        await using var host = CreateHost(add, FailurePolicy.FailScrape);

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "broken" }));
        Assert.That(failure.TimedOut, Is.False);
        Assert.That(failure.Message, Does.Contain("broken").And.Not.Contain(Marker));
        Assert.That(failure.InnerException, Is.Not.Null);
        var entry = host.Log.Entries.Single();
        Assert.That(entry.Level, Is.EqualTo(LogLevel.Error));
        Assert.That(entry.Message, Does.Contain("broken"));
        Assert.That(entry.Exception, Is.SameAs(failure.InnerException));
    }

    [TestCaseSource(nameof(GetFaults))]
    public async Task Other_collectors_are_served_under_ReportAndContinue(Action<OrchestratorMetricsBuilder> add)
    {
        await using var host = CreateHost(add, FailurePolicy.ReportAndContinue);

        var snapshot = await host.ScrapeAsync();

        Assert.That(snapshot.GetValue("fine"), Is.EqualTo(1));
        Assert.That(snapshot.GetLines("success"), Is.EqualTo(new[]
        {
            "wfo_scrape_collector_success{collector=\"broken\"} 0.0",
            "wfo_scrape_collector_success{collector=\"fine\"} 1.0",
        }));
        Assert.That(snapshot.ToText(ExpositionFormat.PrometheusText), Does.Not.Contain(Marker));
    }

    [TestCaseSource(nameof(GetFaults))]
    public async Task Next_scrape_runs_the_collector_again(Action<OrchestratorMetricsBuilder> add)
    {
        await using var host = CreateHost(add, FailurePolicy.FailScrape);

        await host.ScrapeAndCatchAsync();
        host.Time.Advance(FailureLog.MinInterval);
        await host.ScrapeAndCatchAsync();

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

        await host.ScrapeAndCatchAsync();

        Assert.That(host.Log.Entries.Single().Exception!.ToString(), Does.Contain("the query failed"));
    }

    [Test]
    public async Task Logger_that_throws_does_not_block_callers()
    {
        // Microsoft.Extensions.Logging rethrows the exceptions of its providers to the caller.
        var services = new ServiceCollection();
        services.AddSingleton<ILogger<OrchestratorMetricsRegistry>>(new ThrowingLogger());
        services.AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None)
            .AddCollector(FakeCollector.Failing(CreateError()), SetName);
        await using var provider = services.BuildServiceProvider();

        var failure = await MetricsHost.CatchFailureAsync(
            provider.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon());

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "broken" }));
    }

    [Test]
    public async Task Logger_that_throws_does_not_turn_a_missing_schema_into_a_failure()
    {
        var handler = new MissingSchemaHandler(new MetricsLog(new SafeLogger(new ThrowingLogger())));

        var rows = await handler.GetRowsOrEmptyAsync<int>("missing", _ => throw new SchemaNotFoundException(), default);

        Assert.That(rows, Is.Empty);
    }

    [Test]
    public async Task Logger_that_throws_at_a_timeout_does_not_affect_the_timeout()
    {
        var registry = new OrchestratorMetricsRegistry(
            scopes: null, new OrchestratorMetricsOptions(), TimeProvider.System,
            new MetricsLog(new SafeLogger(new ThrowingLogger())), [], stopping: default);
        registry.Register(new GatedCollector("stuck"), SetName);

        var failure = await MetricsHost.CatchFailureAsync(
            registry.CollectAsync(new() { Timeout = TimeSpan.Zero }).Soon());

        Assert.That((failure.TimedOut, failure.FailedCollectors.Single()), Is.EqualTo((true, "broken")));
    }

    private static MetricsHost CreateHost(Action<OrchestratorMetricsBuilder> add, FailurePolicy policy) => new(
        builder =>
        {
            add(builder);
            builder.AddCollector(FakeCollector.Counting("fine"), options => options.Name = "fine");
        },
        options => options.FailurePolicy = policy);

    private static void SetName(CollectorOptions options) => options.Name = "broken";

    private static InvalidOperationException CreateError() => new(Marker);

    private static FakeCollector CreateCollector(object service)
    {
        Assert.That(service, Is.Not.Null);
        return FakeCollector.Counting("x");
    }

    private static FakeCollector CreateRowCollector(int throwAt) => new(async _ =>
    {
        var family = MetricFamily.Gauge("rows", "", "row");
        for (var row = 0; row < 100; row++)
        {
            await Task.Yield();
            if (row == throwAt)
                throw CreateError();
            family.Add(row, $"{row}");
        }

        return [family];
    });

    internal sealed class ThrowingConstructor : IMetricsCollector
    {
        public ThrowingConstructor() => throw CreateError();

        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }

    internal sealed class DependentCollector(IFormattable service) : IMetricsCollector
    {
        public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken) =>
            throw new NotSupportedException($"{service}");
    }

    private sealed class ThrowingDispose : IDisposable
    {
        public void Dispose() => throw CreateError();
    }

    private sealed class ThrowingDisposeAsync : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Task.Yield();
            throw CreateError();
        }
    }

    private sealed class ThrowingList : IReadOnlyList<MetricFamily>
    {
        public int Count => throw CreateError();

        public MetricFamily this[int index] => throw CreateError();

        public IEnumerator<MetricFamily> GetEnumerator() => throw CreateError();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => throw CreateError();
    }

    private sealed class ThrowingLogger : ILogger<OrchestratorMetricsRegistry>
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => throw CreateError();

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) => throw CreateError();
    }
}
