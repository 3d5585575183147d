using System.Collections;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Logging;

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
        var entry = await FailAsync(exception);

        Assert.That(entry.Message, Is.EqualTo("Collector broken failed."));
        Assert.That(entry.Exception, Is.Not.SameAs(exception));
        Assert.That(entry.Exception!.ToString(), Does.Contain(exception.GetType().FullName));
        Assert.That(entry.Exception.Message, Is.Not.Empty);
    }

    [Test]
    public async Task Replacement_keeps_the_stack_trace_and_the_types_of_the_inner_exceptions()
    {
        var entry = await FailAsync(new InvalidOperationException("outer", new ThrowingMessage()));

        var text = entry.Exception!.ToString();
        Assert.That(text, Does.Contain(
            $"System.InvalidOperationException ---> {typeof(ThrowingMessage)} cannot be formatted"));
        Assert.That(text, Does.Contain($"at {typeof(FakeCollector)}"));
    }

    private static async Task<LogEntry> FailAsync(Exception exception)
    {
        await using var host = new MetricsHost(builder => builder.AddCollector(
            FakeCollector.Throwing(exception), options => options.Name = "broken"));
        await host.ScrapeAndCatchAsync();
        return host.Log.Entries.Single();
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
