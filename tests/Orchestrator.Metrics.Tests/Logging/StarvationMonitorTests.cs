using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Metrics.Tests.Logging;

public class StarvationMonitorTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Tick = TimeSpan.FromTicks(1);

    [Test]
    public void Delay_of_a_second_is_logged_at_most_once_a_minute()
    {
        using var log = new ListLogger();
        var time = new FakeTimeProvider();
        var monitor = new StarvationMonitor(time, new MetricsLog(new SafeLogger(log)));

        monitor.Report(Second - Tick);
        Assert.That(log.Entries, Is.Empty);
        monitor.Report(Second);
        time.Advance(TimeSpan.FromMinutes(1) - Tick);
        monitor.Report(Second);
        Assert.That(log.Entries, Has.Count.EqualTo(1));
        time.Advance(Tick);
        monitor.Report(Second);
        Assert.That(log.Entries, Has.Count.EqualTo(2));
    }

    [Test]
    public void Running_collectors_are_named_in_alphabetical_order()
    {
        using var log = new ListLogger();
        var monitor = new StarvationMonitor(new FakeTimeProvider(), new MetricsLog(new SafeLogger(log)));
        foreach (var collector in (string[])["b", "c", "a"])
            monitor.Add(collector);
        monitor.Remove("c");

        monitor.Report(Second);

        Assert.That(log.Entries.Single().Message, Does.Contain("Running collectors: a, b."));
    }
}
