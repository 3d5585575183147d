using System.Text;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Tests.Collection;
using Orchestrator.Metrics.Tests.Exposition.Parsing;

namespace Orchestrator.Metrics.Tests.Exposition;

public class ExpositionTextCollectorTests
{
    [Test]
    public async Task Its_families_come_behind_those_before_it_in_text_and_in_OpenMetrics_with_one_end()
    {
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Counting("ours"))
            .AddCollector(Writing("# HELP x_total X.\n# TYPE x_total counter\nx_total{b=\"1\",a=\"2\"} 3\n"))
            .AddCollector(
                Writing("# TYPE y info\ny_info{v=\"1\"} 1\n# EOF\n"), options => options.Name = "another"));

        Assert.That((await host.ScrapeAsync()).ToText(), Is.EqualTo(
            "# HELP ours \n# TYPE ours gauge\nours 1.0\n# HELP x_total X.\n# TYPE x_total counter\n" +
            "x_total{a=\"2\",b=\"1\"} 3.0\n# HELP y_info \n# TYPE y_info gauge\ny_info{v=\"1\"} 1.0\n"));
        Assert.That((await host.ScrapeAsync()).ToText(ExpositionFormat.OpenMetrics), Is.EqualTo(
            "# HELP ours \n# TYPE ours gauge\nours 2.0\n# HELP x X.\n# TYPE x counter\n" +
            "x_total{a=\"2\",b=\"1\"} 3.0\n# HELP y \n# TYPE y info\ny_info{v=\"1\"} 1.0\n# EOF\n"));
    }

    [TestCase("# TYPE x counter\nx_total 1\n", false)]
    [TestCase("# TYPE x counter\nx_total 1\n# EOF\n", true)]
    [TestCase("", false)]
    public async Task OpenMetrics_of_a_library_that_always_writes_it_is_cut_off_without_its_end(string text, bool whole)
    {
        var collector = new ExpositionTextCollector(
            (stream, token) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), token).AsTask())
        {
            OfPrometheusNet = true,
        };

        if (whole)
            Assert.That((await collector.CollectAsync(default)).Single().SampleCount, Is.EqualTo(1));
        else
            Assert.That(
                async () => await collector.CollectAsync(default),
                Throws.TypeOf<FormatException>().With.Message.Contains("does not end with # EOF"));
    }

    [Test]
    public async Task A_family_that_both_sides_claim_fails_the_scrape_and_the_log_names_both_and_it()
    {
        await using var host = Claiming(FailurePolicy.FailScrape);

        var failure = await host.FailedScrapeAsync();

        Assert.That(failure.FailedCollectors, Is.EqualTo(["library"]));
        Assert.That(host.Log.Of(LogLevel.Error).Single().Message, Does.StartWith(
            "Collectors ours and library both returned metric family jobs, so library failed."));
    }

    [Test]
    public async Task With_the_other_policy_the_earlier_side_is_served_and_the_failure_is_reported()
    {
        await using var host = Claiming(FailurePolicy.ReportAndContinue);

        var snapshot = await host.ScrapeAsync();

        Assert.Multiple(() =>
        {
            Assert.That(snapshot.Lines("jobs"), Is.EqualTo(["jobs 1.0"]));
            Assert.That(snapshot.Lines("fine"), Is.Empty);
            Assert.That(snapshot.Lines("success{"), Is.EqualTo(
            [
                "wfo_scrape_collector_success{collector=\"ours\"} 1.0",
                "wfo_scrape_collector_success{collector=\"library\"} 0.0",
            ]));
            Assert.That(host.Log.Of(LogLevel.Error).Single().Message, Does.Contain("jobs").And.Contain("library"));
        });
    }

    [Test]
    public void A_counter_without_samples_keeps_the_name_that_text_declares()
    {
        var families = Parsed.Families("# TYPE jobs counter\n# EOF\n"u8.ToArray());

        Assert.That(
            () => new MetricsSnapshot([.. families, MetricFamily.Unknown("jobs_total", "")]),
            Throws.ArgumentException.With.Message.Contains("'jobs' and 'jobs_total'"));
    }

    [Test]
    public async Task Names_that_only_look_alike_are_no_conflict_and_samples_of_one_name_are()
    {
        await using var host = new MetricsHost(builder => builder
            .AddCollector(FakeCollector.Counting("x_created"), options => options.Name = "created")
            .AddCollector(FakeCollector.Counting("y"))
            .AddCollector(Writing("# TYPE x histogram\nx_sum 1\nx_count 1\n# TYPE y_total counter\ny_total 1\n")));

        // A counter 'y' of OpenMetrics claims 'y' too.
        Assert.That((await host.FailedScrapeAsync()).FailedCollectors, Is.EqualTo(["ExpositionTextCollector"]));
        Assert.That(host.Log.Of(LogLevel.Error).Single().Message, Does.Contain("metric family y,"));
    }

    [Test]
    public async Task Text_that_is_not_valid_is_told_to_the_log_alone()
    {
        await using var host = new MetricsHost(
            builder => builder.AddCollector(Writing("secret{token=\"hunter2\"} x\n")));

        var failure = await host.FailedScrapeAsync();

        Assert.That(failure.Message, Does.Not.Contain("hunter2"));
        Assert.That(host.Log.Of(LogLevel.Error).Single().Exception, Is.TypeOf<FormatException>().With.Message.EqualTo(
            "Line 1 of the exposition text is not valid. The value 'x' is not a number. The line: " +
            "secret{token=\"hunter2\"} x"));
    }

    [Test]
    public async Task What_was_declared_need_not_be_written_for_other_names()
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

        Assert.That((ours.Names(), bar.Names(), runs), Is.EqualTo((new[] { "ours" }, new[] { "bar" }, 1)));
    }

    [Test]
    public void The_memory_is_given_back_whatever_happens()
    {
        var pool = new CountingPool();
        var failures = new Func<Stream, CancellationToken, Task>[]
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

        var ended = Array.ConvertAll(failures, write => Outcome(new(write) { Pool = pool }));

        Assert.That(ended, Is.EqualTo(
            ["Canceled", "InvalidOperationException", "InvalidOperationException", "Canceled"]));
        Assert.That((pool.Rentals, pool.Outstanding), Is.EqualTo((3, 0)));
        Assert.That(
            () => new ExpositionTextCollector((stream, _) => Write(stream, "not valid\n")) { Pool = pool }
                .CollectAsync(CancellationToken.None),
            Throws.TypeOf<FormatException>());
        Assert.That((pool.Rentals, pool.Outstanding), Is.EqualTo((4, 0)));
    }

    [Test]
    public async Task Who_goes_on_writing_after_the_end_is_refused_and_harms_nobody()
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
    public async Task It_is_cancelled_when_nobody_waits_any_more()
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
    public void Nothing_is_no_source() =>
        Assert.That(() => new ExpositionTextCollector(null!), Throws.ArgumentNullException);

    private static ExpositionTextCollector Writing(string text) => new((stream, _) => Write(stream, text));

    private static Task Write(Stream stream, string text) => stream.WriteAsync(Encoding.UTF8.GetBytes(text)).AsTask();

    /// <summary>What becomes of a run whose token is cancelled from the start.</summary>
    private static string Outcome(ExpositionTextCollector collector)
    {
        var run = collector.CollectAsync(new CancellationToken(canceled: true));
        return run.Exception?.InnerException!.GetType().Name ?? run.Status.ToString();
    }

    private static MetricsHost Claiming(FailurePolicy policy) => new(
        builder => builder
            .AddCollector(FakeCollector.Counting("jobs"), options => options.Name = "ours")
            .AddCollector(
                Writing("# TYPE fine gauge\nfine 1\n# TYPE jobs gauge\njobs 2\n"), options => options.Name = "library"),
        options => options.FailurePolicy = policy);
}
