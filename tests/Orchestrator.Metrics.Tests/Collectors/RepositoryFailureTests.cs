using Microsoft.Extensions.Logging;
using Moq;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Collectors;

[TestFixture(DefaultCollectors.Subscriptions, "SubscriptionCollector", "wfo_subscriptions_count")]
[TestFixture(DefaultCollectors.Processes, "ProcessCollector", "wfo_process_count", "wfo_process_seconds_total_count")]
[TestFixture(
    DefaultCollectors.WorkflowEngine, "WorkflowEngineCollector", "wfo_engine_status", "wfo_active_process_count")]
public class RepositoryFailureTests(DefaultCollectors selected, string name, params string[] families)
{
    [Test]
    public async Task Missing_schema_gives_the_families_without_samples_and_one_warning()
    {
        using var host = new DefaultCollectorHost(selected);
        var missing = new SchemaNotFoundException("no such table");
        SetUpFailure(host, missing);

        for (var scrape = 0; scrape < 3; scrape++)
        {
            var snapshot = await host.Registry.CollectAsync().Soon();
            Assert.That(snapshot.GetNames(), Is.EqualTo(families));
            Assert.That(snapshot.Families.Sum(family => family.SampleCount), Is.Zero);
        }

        var warning = host.Log.Entries.Single();
        Assert.That(warning.Level, Is.EqualTo(LogLevel.Warning));
        Assert.That(warning.Message, Does.Contain(name));
        Assert.That(warning.Exception, Is.SameAs(missing));
    }

    [Test]
    public async Task Schema_that_goes_missing_after_a_successful_run_fails_the_collector()
    {
        using var host = new DefaultCollectorHost(selected);
        SetUpFailure(host, new SchemaNotFoundException());
        await host.Registry.CollectAsync().Soon();
        SetUpRows(host);
        var between = await host.Registry.CollectAsync().Soon();
        SetUpFailure(host, new SchemaNotFoundException());
        var failure = await MetricsHost.CatchFailureAsync(host.Registry.CollectAsync().Soon());

        Assert.That(between.Families.Sum(family => family.SampleCount), Is.Positive);
        Assert.That(failure.InnerException, Is.InstanceOf<SchemaNotFoundException>());
        Assert.That(
            host.Log.Entries.Select(entry => entry.Level), Is.EqualTo(new[] { LogLevel.Warning, LogLevel.Error }));
    }

    [Test]
    public async Task Other_failure_does_not_repeat_the_warning_of_a_missing_schema()
    {
        using var host = new DefaultCollectorHost(selected);
        SetUpFailure(host, new SchemaNotFoundException());
        await host.Registry.CollectAsync().Soon();
        SetUpFailure(host, new InvalidOperationException("connection refused"));
        await MetricsHost.CatchFailureAsync(host.Registry.CollectAsync().Soon());
        SetUpFailure(host, new SchemaNotFoundException());
        await host.Registry.CollectAsync().Soon();

        Assert.That(host.Log.GetEntries(LogLevel.Warning).Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Any_other_exception_of_a_repository_fails_the_collector()
    {
        using var host = new DefaultCollectorHost(selected);
        var error = new InvalidOperationException("marker-4711");
        SetUpFailure(host, error);

        var failure = await MetricsHost.CatchFailureAsync(host.Registry.CollectAsync().Soon());

        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { name }));
        Assert.That(failure.InnerException, Is.SameAs(error));
        Assert.That(failure.Message, Does.Contain(name).And.Not.Contain("4711"));
        Assert.That(host.Log.GetEntries(LogLevel.Warning), Is.Empty);
    }

    [Test]
    public async Task Repository_that_returns_null_fails_the_scrape_with_the_cause()
    {
        using var host = new DefaultCollectorHost(selected);
        host.Subscriptions.Setup(r => r.GetSubscriptionCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync((IReadOnlyList<SubscriptionCount>)null!);
        host.Processes.Setup(r => r.GetProcessCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync((IReadOnlyList<ProcessCount>)null!);
        host.Engine.Setup(r => r.GetEngineStateAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync((WorkflowEngineState)null!);

        var failure = await MetricsHost.CatchFailureAsync(host.Registry.CollectAsync().Soon());

        // A NullReferenceException would not show that the repository is at fault.
        Assert.That(failure.InnerException, Is.TypeOf<InvalidOperationException>());
        Assert.That(failure.InnerException!.Message, Does.Contain("repository returned null"));
    }

    [Test]
    public async Task Token_of_a_repository_call_is_cancelled_with_the_scrape()
    {
        using var host = new DefaultCollectorHost(selected);
        var token = new TaskCompletionSource<CancellationToken>();
        var never = new TaskCompletionSource();
        SetUpRows(host, async given =>
        {
            token.SetResult(given);
            await never.Task.WaitAsync(given);
        });
        using var caller = new CancellationTokenSource();

        var scrape = host.Registry.CollectAsync(cancellationToken: caller.Token);
        var seen = await token.Task.Soon();
        await caller.CancelAsync();

        await MetricsHost.CatchAsync<OperationCanceledException>(scrape.Soon());
        Assert.That(seen.IsCancellationRequested, Is.True);
    }

    private static void SetUpFailure(DefaultCollectorHost host, Exception exception) =>
        SetUpRows(host, _ => Task.FromException(exception));

    private static void SetUpRows(DefaultCollectorHost host, Func<CancellationToken, Task>? before = null)
    {
        before ??= _ => Task.CompletedTask;
        host.Subscriptions.Setup(repository => repository.GetSubscriptionCountsAsync(It.IsAny<CancellationToken>()))
            .Returns(async (CancellationToken token) =>
            {
                await before(token);
                return GoldenRows.Subscriptions;
            });
        host.Processes.Setup(repository => repository.GetProcessCountsAsync(It.IsAny<CancellationToken>()))
            .Returns(async (CancellationToken token) =>
            {
                await before(token);
                return GoldenRows.Processes;
            });
        host.Engine.Setup(repository => repository.GetEngineStateAsync(It.IsAny<CancellationToken>()))
            .Returns(async (CancellationToken token) =>
            {
                await before(token);
                return GoldenRows.Engine;
            });
    }
}
