using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

[NonParallelizable]
public class ConsoleLogTests
{
    [Test]
    public async Task Exception_that_cannot_be_formatted_is_logged_with_its_collector_and_type()
    {
        var console = Console.Out;
        using var output = new StringWriter();
        Console.SetOut(TextWriter.Synchronized(output));
        try
        {
            await using var host = await TestHost.StartAsync(services =>
            {
                services.AddLogging(logging => logging.AddConsole());
                services.AddOrchestratorMetrics().AddCollector("Broken", (_, _) => throw new UnprintableException());
            });
            using var response = await host.Client.GetAsync("/api/metrics");
        }
        finally
        {
            Console.SetOut(console);
        }

        Assert.That(output.ToString(), Does.Contain("Collector Broken failed.").And.Contain(nameof(UnprintableException)));
    }

    private sealed class UnprintableException : Exception
    {
        public override string Message => throw new InvalidOperationException("from Message");
    }
}
