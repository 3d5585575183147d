using System.Text;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Tests.Collection;
using Orchestrator.Metrics.Tests.Exposition.Parsing;

namespace Orchestrator.Metrics.Tests.Exposition;

public class ExpositionTextCollectorTests
{
    [Test]
    public async Task Parsed_families_follow_those_of_earlier_collectors_in_every_format()
    {
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Counting("ours"))
            .AddCollector(CreateCollector("# HELP x_total X.\n# TYPE x_total counter\nx_total{b=\"1\",a=\"2\"} 3\n"))
            .AddCollector(
                CreateCollector("# TYPE y info\ny_info{v=\"1\"} 1\n# EOF\n"), options => options.Name = "another"));

        Assert.That((await host.ScrapeAsync()).ToText(), Is.EqualTo(
            "# HELP ours \n# TYPE ours gauge\nours 1.0\n# HELP x_total X.\n# TYPE x_total counter\n" +
            "x_total{a=\"2\",b=\"1\"} 3.0\n# HELP y_info \n# TYPE y_info gauge\ny_info{v=\"1\"} 1.0\n"));
        Assert.That((await host.ScrapeAsync()).ToText(ExpositionFormat.OpenMetrics), Is.EqualTo(
            "# HELP ours \n# TYPE ours gauge\nours 2.0\n# HELP x X.\n# TYPE x counter\n" +
            "x_total{a=\"2\",b=\"1\"} 3.0\n# HELP y \n# TYPE y info\ny_info{v=\"1\"} 1.0\n# EOF\n"));
    }

    [Test]
    public async Task Text_is_corrected_before_it_is_parsed()
    {
        var collector = new ExpositionTextCollector((stream, _) => Write(stream, "jobs one\n"))
        {
            CorrectText = text =>
            {
                Assert.That(Encoding.UTF8.GetString(text.Span), Is.EqualTo("jobs one\n"));
                return "jobs 1\n"u8.ToArray();
            },
        };

        var jobs = (await collector.CollectAsync(default)).Single();

        Assert.That((jobs.Name, jobs.SampleCount), Is.EqualTo(("jobs", 1)));
    }

    [TestCase("jobs 1\njobs{a=\"1\"} 2")]
    [TestCase("jobs 1\njobs{a=\"1")]
    [TestCase("jobs 1\n# HEL")]
    public void Text_without_a_final_line_feed_is_rejected_as_truncated(string text) => Assert.That(
        () => CreateCollector(text).CollectAsync(default),
        Throws.TypeOf<FormatException>().With.Message.StartsWith(
            "Line 2 of the exposition is invalid. The text does not end in a line feed, so it may be truncated. Write " +
            "the complete text, with a line feed after the last line. Line: "));

    [Test]
    public void Failed_correction_fails_the_collector()
    {
        var collector = new ExpositionTextCollector((stream, _) => Write(stream, "jobs 1\n"))
        {
            CorrectText = _ => throw new FormatException("Truncated."),
        };

        Assert.That(
            () => collector.CollectAsync(default), Throws.TypeOf<FormatException>().With.Message.EqualTo("Truncated."));
    }

    [Test]
    public async Task Conflicting_family_fails_the_scrape_and_is_logged_with_both_collectors()
    {
        await using var host = BuildHost(FailurePolicy.FailScrape);

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(failure.FailedCollectors, Is.EqualTo(["library"]));
        Assert.That(host.Log.GetEntries(LogLevel.Error).Single().Message, Does.StartWith(
            "Metric family jobs of collector library conflicts with metric family jobs of collector ours: both contain a " +
            "sample without labels. library failed."));
    }

    [Test]
    public async Task ReportAndContinue_serves_the_earlier_collector_and_reports_the_conflict()
    {
        await using var host = BuildHost(FailurePolicy.ReportAndContinue);

        var snapshot = await host.ScrapeAsync();

        Assert.Multiple(() =>
        {
            Assert.That(snapshot.GetLines("jobs"), Is.EqualTo(["jobs 1.0"]));
            Assert.That(snapshot.GetLines("fine"), Is.Empty);
            Assert.That(snapshot.GetLines("success{"), Is.EqualTo(
            [
                "wfo_scrape_collector_success{collector=\"ours\"} 1.0",
                "wfo_scrape_collector_success{collector=\"library\"} 0.0",
            ]));
            Assert.That(host.Log.GetEntries(LogLevel.Error).Single().Message, Does.Contain("jobs").And.Contain("library"));
        });
    }

    [Test]
    public void Parsed_counter_without_samples_claims_its_total_name()
    {
        var families = TextRewriter.ParseFamilies("# TYPE jobs counter\n# EOF\n"u8.ToArray());

        Assert.That(
            () => new MetricsSnapshot([.. families, MetricFamily.Unknown("jobs_total", "")]),
            Throws.ArgumentException.With.Message.Contains("'jobs' and 'jobs_total'"));
    }

    [Test]
    public async Task Parsed_family_claims_only_its_name_and_the_names_of_its_samples()
    {
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Counting("x_created"), options => options.Name = "created")
            .AddCollector(FakeCollector.Counting("y"))
            .AddCollector(
                CreateCollector("# TYPE x histogram\nx_sum 1\nx_count 1\n# TYPE y_total counter\ny_total 1\n")));

        // In OpenMetrics, the family of the counter is named 'y'.
        Assert.That((await host.ScrapeAndCatchAsync()).FailedCollectors, Is.EqualTo(["ExpositionTextCollector"]));
        Assert.That(
            host.Log.GetEntries(LogLevel.Error).Single().Message,
            Does.Contain("metric family y of collector FakeCollector"));
    }

    [Test]
    public async Task Invalid_text_appears_in_the_log_only()
    {
        await using var host = new MetricsHost(
            builder => builder.AddCollector(CreateCollector("secret{token=\"hunter2\"} x\n")));

        var failure = await host.ScrapeAndCatchAsync();

        Assert.That(failure.Message, Does.Not.Contain("hunter2"));
        Assert.That(
            host.Log.GetEntries(LogLevel.Error).Single().Exception,
            Is.TypeOf<FormatException>().With.Message.EqualTo(
                "Line 1 of the exposition is invalid. The value 'x' is not a number. Line: " +
                "secret{token=\"hunter2\"} x"));
    }

    [Test]
    public async Task Delegate_with_declared_names_is_not_called_for_other_names()
    {
        var runs = 0;
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Counting("ours"), options => options.FamilyNames = ["ours"])
            .AddCollector(
                new ExpositionTextCollector((stream, _) =>
                {
                    runs++;
                    return Write(stream, "foo_total 1\nbar 1\n");
                }),
                options => options.FamilyNames = ["foo_total", "bar"]));

        var ours = await host.Registry.CollectAsync(new() { Names = ["ours"] });
        var bar = await host.Registry.CollectAsync(new() { Names = ["bar"] });

        Assert.That((ours.GetNames(), bar.GetNames(), runs), Is.EqualTo((new[] { "ours" }, new[] { "bar" }, 1)));
    }

    [Test]
    public void Memory_returns_to_the_pool_after_every_outcome()
    {
        var pool = new CountingPool();
        var delegates = new Func<Stream, CancellationToken, Task>[]
        {
            (stream, _) => Write(stream, "a 1\n"),
            (stream, _) => throw new InvalidOperationException(),
            async (stream, _) =>
            {
                await Write(stream, "a 1\n");
                throw new InvalidOperationException();
            },
            async (stream, token) =>
            {
                await Write(stream, "a 1\n");
                token.ThrowIfCancellationRequested();
            },
        };

        var outcomes = Array.ConvertAll(delegates, write => GetOutcome(new(write) { Pool = pool }));

        Assert.That(outcomes, Is.EqualTo(
            ["Canceled", "InvalidOperationException", "InvalidOperationException", "Canceled"]));
        Assert.That((pool.Rentals, pool.Outstanding), Is.EqualTo((3, 0)));
        Assert.That(
            () => new ExpositionTextCollector((stream, _) => Write(stream, "not valid\n")) { Pool = pool }
                .CollectAsync(CancellationToken.None),
            Throws.TypeOf<FormatException>());
        Assert.That((pool.Rentals, pool.Outstanding), Is.EqualTo((4, 0)));
    }

    [Test]
    public async Task Writing_after_a_collection_throws_and_does_not_affect_later_collections()
    {
        Stream? kept = null;
        var text = "a 1\n";
        var collector = new ExpositionTextCollector((stream, _) =>
        {
            kept ??= stream;
            return Write(stream, text);
        });
        await collector.CollectAsync(CancellationToken.None);
        text = "b 2\n";

        Assert.That(() => kept!.Write("c 3\n"u8), Throws.TypeOf<ObjectDisposedException>());
        var families = await collector.CollectAsync(CancellationToken.None);
        Assert.That(families.Select(family => family.Name), Is.EqualTo(["b"]));
    }

    [Test]
    public async Task Delegate_is_cancelled_when_the_last_caller_disconnects()
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = new MetricsHost(builder => builder.AddCollector(
            new ExpositionTextCollector(async (_, token) =>
            {
                using var registration = token.Register(cancelled.SetResult);
                started.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            })));
        using var caller = new CancellationTokenSource();
        var scrape = host.ScrapeAsync(cancellationToken: caller.Token);
        await started.Task.Soon();

        await caller.CancelAsync();

        await cancelled.Task.Soon();
        Assert.That(() => scrape, Throws.InstanceOf<OperationCanceledException>());
    }

    [Test]
    public void Null_delegate_is_rejected() =>
        Assert.That(() => new ExpositionTextCollector(null!), Throws.ArgumentNullException);

    private static ExpositionTextCollector CreateCollector(string text) => new((stream, _) => Write(stream, text));

    private static Task Write(Stream stream, string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

    private static string GetOutcome(ExpositionTextCollector collector)
    {
        var run = collector.CollectAsync(new CancellationToken(canceled: true));
        return run.Exception?.InnerException!.GetType().Name ?? run.Status.ToString();
    }

    private static MetricsHost BuildHost(FailurePolicy policy) => new(
        builder => builder
            .AddCollector(FakeCollector.Counting("jobs"), options => options.Name = "ours")
            .AddCollector(
                CreateCollector("# TYPE fine gauge\nfine 1\n# TYPE jobs gauge\njobs 2\n"),
                options => options.Name = "library"),
        options => options.FailurePolicy = policy);
}
