using System.Collections;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Logging;

/// <summary>Exceptions that a logger cannot format, because a member throws, are replaced in the log.</summary>
public class UnprintableExceptionTests
{
    private static IEnumerable<TestCaseData> GetExceptions()
    {
        yield return CreateCase("ToString", new ThrowingToString());
        yield return CreateCase("Message", new ThrowingMessage());
        yield return CreateCase("StackTrace", new ThrowingStackTrace());
        yield return CreateCase("Data", new ThrowingData());
        yield return CreateCase("Inner", new InvalidOperationException("outer", new ThrowingMessage()));
        yield return CreateCase(
            "Aggregate", new AggregateException(new InvalidOperationException(), new ThrowingToString()));

        yield return CreateCase("Data of inner", new InvalidOperationException("outer", new ThrowingData()));
        yield return CreateCase(
            "Data in aggregate", new AggregateException(new InvalidOperationException(), new ThrowingData()));

        static TestCaseData CreateCase(string name, Exception exception) =>
            new TestCaseData(exception).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(GetExceptions))]
    public async Task Logger_provider_can_format_the_exception(Exception exception)
    {
        using var log = new ListLogger();

        await FailAsync(exception, log);

        var entry = log.Entries.Single();
        Assert.That(entry.Message, Is.EqualTo("Collector broken failed."));
        Assert.That(entry.Exception, Is.Not.SameAs(exception));
        Assert.That(entry.Exception!.ToString(), Does.Contain(exception.GetType().FullName));
        Assert.That(entry.Exception.Message, Is.Not.Empty);
    }

    [Test]
    public async Task Replacement_keeps_the_stack_trace_and_the_types_of_the_inner_exceptions()
    {
        using var log = new ListLogger();

        await FailAsync(new InvalidOperationException("outer", new ThrowingMessage()), log);

        var text = log.Entries.Single().Exception!.ToString();
        Assert.That(text, Does.Contain(
            $"System.InvalidOperationException ---> {typeof(ThrowingMessage)} cannot be formatted"));
        Assert.That(text, Does.Contain($"at {typeof(UnprintableExceptionTests)}"));
    }

    private static async Task FailAsync(Exception exception, ILogger<OrchestratorMetricsRegistry> log)
    {
        var services = new ServiceCollection();
        services.AddSingleton(log);
        services.AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None)
            .AddCollector(new FakeCollector(_ => throw exception), options => options.Name = "broken");
        await using var provider = services.BuildServiceProvider();
        var failure = await MetricsHost.CatchFailureAsync(
            provider.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon());
        Assert.That(failure.FailedCollectors, Is.EqualTo(new[] { "broken" }));
    }

    private sealed class ThrowingToString : Exception
    {
        public override string ToString() => throw new InvalidOperationException("from ToString");
    }

    private sealed class ThrowingMessage : Exception
    {
        public override string Message => throw new InvalidOperationException("from Message");
    }

    private sealed class ThrowingStackTrace : Exception
    {
        public override string StackTrace => throw new InvalidOperationException("from StackTrace");
    }

    private sealed class ThrowingData : Exception
    {
        public override IDictionary Data => throw new InvalidOperationException("from Data");
    }
}
