using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Hosting;
using Orchestrator.Metrics.Tests.Collection;

namespace Orchestrator.Metrics.Tests.Hosting;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TextFilePublisherTests : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    private string FilePath => Path.Combine(_folder.Path, "acme.prom");

    public void Dispose() => _folder.Dispose();

    [Test]
    public async Task Text_file_is_written_at_the_start_at_each_interval_and_at_the_stop()
    {
        await using var host = CreateHost(FakeCollector.Counting("x"));
        var publisher = await StartAsync(host);

        for (var write = 1; write <= 3; write++)
        {
            await WaitUntilWrittenAsync($"x {write}.0\n");
            host.Time.Advance(Interval);
        }

        await WaitUntilWrittenAsync("x 4.0\n");
        await publisher.StopAsync(CancellationToken.None).Soon();
        Assert.That(await File.ReadAllTextAsync(FilePath), Is.EqualTo("# HELP x \n# TYPE x gauge\nx 5.0\n"));
        Assert.That(_folder.FindFiles("*"), Is.EqualTo(new[] { FilePath }));
        Assert.That(host.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task First_write_waits_for_the_first_background_refresh()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector, RefreshWithoutWaiting);
        var publisher = await StartAsync(host);

        (await collector.WaitForRunAsync()).Return(1);

        await WaitUntilWrittenAsync("x 1.0\n");
        Assert.That(host.Log.Entries, Is.Empty);
        await publisher.StopAsync(CancellationToken.None).Soon();
    }

    [Test]
    public async Task First_write_waits_no_longer_than_the_interval()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector, RefreshWithoutWaiting);
        var publisher = await StartAsync(host);
        await collector.WaitForRunAsync();

        var entries = await Waiting.UntilAsync(
            () =>
            {
                host.Time.Advance(Interval);
                return host.Log.Entries;
            },
            logged => logged.Count > 0);

        Assert.That(entries[0].Message, Does.Contain("has no result for a scrape yet"));
        collector.ReturnAll();
        await publisher.StopAsync(CancellationToken.None).Soon();
    }

    [Test]
    public async Task Failing_collector_keeps_the_last_file_and_is_logged_once()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);
        var publisher = await StartAsync(host);
        (await collector.WaitForRunAsync()).Return(1);
        await WaitUntilWrittenAsync("x 1.0\n");

        host.Time.Advance(Interval);
        (await collector.WaitForRunAsync()).Fail(new InvalidOperationException("No database."));
        await Waiting.UntilAsync(() => host.Registry.GetCollectorStatuses()[0].Error, error => error is not null);
        host.Time.Advance(Interval);
        var recovering = await collector.WaitForRunAsync();
        Assert.That(await File.ReadAllTextAsync(FilePath), Does.EndWith("x 1.0\n"));
        recovering.Return(3);
        await WaitUntilWrittenAsync("x 3.0\n");

        Assert.That(
            host.Log.Entries.Select(entry => (entry.Level, entry.Message)),
            Is.EqualTo(new[] { (LogLevel.Error, "Collector GatedCollector failed.") }));
        collector.ReturnAll();
        await publisher.StopAsync(CancellationToken.None).Soon();
    }

    [Test]
    public async Task Failing_write_and_its_recovery_are_each_logged_once()
    {
        await using var host = CreateHost(FakeCollector.Counting("x"));
        var publisher = await StartAsync(host);
        await WaitUntilWrittenAsync("x 1.0\n");
        File.Delete(FilePath);
        Directory.CreateDirectory(FilePath);

        host.Time.Advance(Interval);
        var failure = await host.Log.WaitForAsync(entry => entry.Level == LogLevel.Error);

        // The second collection begins only after the write of the first round has failed.
        for (var round = 1; round <= 2; round++)
        {
            host.Time.Advance(Interval);
            await Waiting.UntilAsync(
                () => host.Registry.GetCollectorStatuses()[0].DataAge, age => age == TimeSpan.Zero);
        }

        Directory.Delete(FilePath);
        await publisher.StopAsync(CancellationToken.None).Soon();

        Assert.That(failure.Message, Does.StartWith($"The text file {FilePath} cannot be written."));
        Assert.That(failure.Exception, Is.InstanceOf<IOException>());
        Assert.That(
            host.Log.Entries.Skip(1).Select(entry => (entry.Level, entry.Message)),
            Is.EqualTo(new[] { (LogLevel.Information, $"The text file {FilePath} is written again.") }));
    }

    [Test]
    public async Task Stopping_cancels_the_collection_in_flight_and_collects_once_more()
    {
        var collector = new GatedCollector("x");
        await using var host = CreateHost(collector);
        var publisher = await StartAsync(host);
        var first = await collector.WaitForRunAsync();

        var stopped = publisher.StopAsync(CancellationToken.None);
        await first.Cancelled;
        (await collector.WaitForRunAsync()).Return(2);

        await stopped.Soon();
        Assert.That(await File.ReadAllTextAsync(FilePath), Does.EndWith("x 2.0\n"));
    }

    [Test]
    public async Task Collector_that_hangs_delays_the_shutdown_no_longer_than_the_host_allows()
    {
        var collector = new GatedCollector("x", ignoresToken: true);
        await using var host = CreateHost(collector);
        var publisher = await StartAsync(host);
        (await collector.WaitForRunAsync()).Return(1);
        await WaitUntilWrittenAsync("x 1.0\n");
        using var shutdown = new CancellationTokenSource();

        var stopped = publisher.StopAsync(shutdown.Token);
        await collector.WaitForRunAsync();
        await shutdown.CancelAsync();

        await stopped.Soon();
        Assert.That(await File.ReadAllTextAsync(FilePath), Does.EndWith("x 1.0\n"));
        collector.ReturnAll();
    }

    [TestCase("no/acme.prom", "The folder of the text file '<path>' does not exist. Create it, or choose another one.")]
    [TestCase(".", "The text file '<path>' is a folder. Append a file name, such as acme.prom.")]
    public void Path_that_cannot_be_a_file_is_a_startup_error(string name, string error)
    {
        var path = Path.GetFullPath(Path.Combine(_folder.Path, name));

        Assert.That(
            () => new MetricsHost(builder => builder.WriteTextFile(path, Interval)),
            Throws.InstanceOf<OptionsValidationException>().With.Message.EqualTo(
                error.Replace("<path>", path, StringComparison.Ordinal)));
    }

    [Test]
    public async Task Each_of_several_text_files_is_written()
    {
        var other = Path.Combine(_folder.Path, "other.prom");
        await using var host = new MetricsHost(builder => builder.AddCollector(FakeCollector.Returning("x", 1))
            .WriteTextFile(FilePath, Interval).WriteTextFile(other, Interval));

        foreach (var publisher in GetPublishers(host))
            await publisher.StartAsync(CancellationToken.None).Soon();

        await Waiting.UntilAsync(() => File.Exists(FilePath) && File.Exists(other), both => both);
        foreach (var publisher in GetPublishers(host))
            await publisher.StopAsync(CancellationToken.None).Soon();
    }

    [Test]
    public void Adding_the_same_text_file_twice_is_an_error() => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics()
            .WriteTextFile(FilePath, Interval)
            .WriteTextFile(Path.Combine(_folder.Path, ".", "acme.prom"), Interval),
        Throws.InvalidOperationException.With.Message.EqualTo(
            $"The text file '{FilePath}' has already been added. Call WriteTextFile once for each file."));

    [TestCase(0.999)]
    [TestCase(86_401)]
    public void Interval_out_of_range_is_rejected(double seconds) => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics().WriteTextFile(FilePath, TimeSpan.FromSeconds(seconds)),
        Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("interval"));

    private MetricsHost CreateHost(IMetricsCollector collector, Action<CollectorOptions>? configure = null) =>
        new(builder => builder.AddCollector(collector, configure).WriteTextFile(FilePath, Interval));

    private static void RefreshWithoutWaiting(CollectorOptions options) =>
        (options.RefreshEvery, options.Timeout, options.WaitForFirstResult) =
            (TimeSpan.FromHours(1), TimeSpan.FromDays(1), false);

    private static async Task<TextFilePublisher> StartAsync(MetricsHost host)
    {
        var publisher = GetPublishers(host).Single();
        await publisher.StartAsync(CancellationToken.None).Soon();
        return publisher;
    }

    private static IEnumerable<TextFilePublisher> GetPublishers(MetricsHost host) =>
        host.Services.GetServices<IHostedService>().OfType<TextFilePublisher>();

    private Task<string> WaitUntilWrittenAsync(string end) => Waiting.UntilAsync(
        () => File.Exists(FilePath) ? File.ReadAllText(FilePath) : "",
        text => text.EndsWith(end, StringComparison.Ordinal));
}
