// The test in the root README, compiled and run. ReadmeTests compares it.
#pragma warning disable IDE0005

using Orchestrator.Metrics.Testing;

namespace Orchestrator.Metrics.Tests.Snippets;

public class QueueCollectorTests
{
    [Test]
    public async Task Jobs_are_counted_per_priority()
    {
        var metrics = await new QueueCollector(new Jobs()).ScrapeAsync();

        metrics.AssertEqual("""
            # HELP acme_jobs_waiting Jobs waiting, per priority.
            # TYPE acme_jobs_waiting gauge
            acme_jobs_waiting{priority="high"} 2
            acme_jobs_waiting{priority="low"} 17
            """);
        Assert.That(metrics.Lint(), Is.Empty);
    }
}
