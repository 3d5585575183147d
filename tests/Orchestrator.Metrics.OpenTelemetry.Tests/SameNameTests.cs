using System.Diagnostics.Metrics;
using System.Net;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Orchestrator.Metrics.Tests.MeterHost;

namespace Orchestrator.Metrics.Tests;

public class SameNameTests
{
    private readonly ListLogger _logger = new();

    [OneTimeTearDown]
    public void Dispose() => _logger.Dispose();

    [TestCase(true, "jobs_total", "Gauge")]
    [TestCase(false, "jobs", "Histogram")]
    public async Task Types_that_conflict_fail_the_collector_and_the_message_names_both_instruments(
        bool suffix, string name, string type)
    {
        await using var host = await _logger.StartHostAsync(services => services.AddOrchestratorMetrics().AddMeters("Other"));
        host.CreateMeter().CreateCounter<int>("jobs").Add(1);
        if (suffix)
            host.CreateMeter("Other").CreateUpDownCounter<int>("jobs_total").Add(1);
        else
            host.CreateMeter("Other").CreateHistogram<int>("jobs").Record(1);

        using var response = await host.Client.GetAsync("/api/metrics");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        var entry = await _logger.WaitForAsync(
            entry => entry.Exception?.Message.Contains($"{type} for instrument", StringComparison.Ordinal) == true);
        Assert.That(entry.Exception!.Message, Is.EqualTo(
            $"The meters cannot be exported: Metric family '{name}' is of type Counter for instrument 'jobs' of meter " +
            $"'Acme' and of type {type} for instrument '{name}' of meter 'Other'. Rename one of the instruments with a " +
            "view, or drop it: AddView(instrument => ...)."));
    }

    [TestCase("a.b", "a_b", "a_b")]
    [TestCase("queue/jobs", "queue-jobs", "queue_jobs")]
    [TestCase("hits_total", "hits", "hits")]
    [TestCase("hits_total", "hits.total", "hits_total")]
    public async Task Families_that_conflict_after_escaping_fail_the_collector_and_the_message_names_both_instruments(
        string first, string second, string name)
    {
        var logger = new ListLogger();
        await using var host = await logger.StartHostAsync(services => services.Configure<MeterCollectorOptions>(
            options => options.TranslationStrategy = TranslationStrategy.NoTranslation));
        host.CreateMeter().CreateCounter<int>(first).Add(1);
        host.CreateMeter().CreateCounter<int>(second).Add(1);

        using var response = await host.Client.GetAsync("/api/metrics");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        var entry = await logger.WaitForAsync(entry => entry.Exception is not null);
        Assert.That(entry.Exception!.Message, Is.EqualTo(
            $"The meters cannot be exported: Metric families '{first}' of instrument '{first}' of meter 'Acme' and " +
            $"'{second}' of instrument '{second}' of meter 'Acme' both use the name '{name}' in some formats, " +
            "which escape names or remove '_total'. Rename one of the instruments with a view, or drop it: " +
            "AddView(instrument => ...)."));
    }

    [Test]
    public async Task Instruments_with_different_descriptions_form_one_family_with_the_first_description_and_log_a_warning()
    {
        await using var host = await _logger.StartHostAsync(services => services.AddOrchestratorMetrics().AddMeters("Other"));
        host.CreateMeter().CreateCounter<int>("described", description: "Jobs.").Add(1);
        host.CreateMeter("Other").CreateCounter<int>("described", description: "Tasks.").Add(2);

        await host.GetTextAsync();
        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            "# HELP described_total Jobs.\n# TYPE described_total counter\n" +
            "described_total{otel_scope_name=\"Acme\"} 1.0\ndescribed_total{otel_scope_name=\"Other\"} 2.0\n"));
        Assert.That(
            _logger.Warnings.Where(warning => warning.Contains("described", StringComparison.Ordinal)),
            Is.EqualTo(new[]
            {
                "Instrument described of meter Other differs in description or unit from the first instrument of " +
                "metric family described_total. The description and unit of the first one are exported. Set the same " +
                "description and unit for both instruments. A view can change the description.",
            }));
    }

    [Test]
    public async Task Instruments_of_one_meter_with_different_descriptions_fail_every_scrape()
    {
        await using var host = await _logger.StartHostAsync();
        var meter = host.CreateMeter();
        meter.CreateCounter<int>("same", description: "A").Add(5);
        meter.CreateCounter<int>("same", description: "B").Add(7);

        for (var i = 0; i < 2; i++)
        {
            using var response = await host.Client.GetAsync("/api/metrics");
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        }
    }

    [TestCase(false, true)]
    [TestCase(true, false)]
    public async Task Replaced_series_are_logged_once_and_fail_later_scrapes_unless_their_meter_is_disposed(bool dispose, bool fails)
    {
        var logger = new ListLogger();
        await using var host = await logger.StartHostAsync();
        var meter = new Meter("Acme");
        meter.CreateCounter<int>("replaced").Add(5);
        if (dispose)
            meter.Dispose();
        using var other = new Meter("Acme");
        other.CreateCounter<long>("replaced").Add(7);

        Assert.That(await host.GetTextAsync(), Does.EndWith("replaced_total{otel_scope_name=\"Acme\"} 7.0\n"));
        using var later = await host.Client.GetAsync("/api/metrics");

        Assert.That(
            logger.GetEntries(LogLevel.Information).Select(entry => entry.Message),
            Has.Exactly(1).EqualTo(
                "Series of instrument replaced of meter Acme replaced series with the same labels from an earlier " +
                "instrument of the same name. This is normal if the meter of the earlier instrument was disposed. " +
                "Otherwise, rename one of the instruments with a view."));
        Assert.That((int)later.StatusCode, Is.EqualTo(fails ? 500 : 200));
    }

    [Test]
    public async Task Meter_that_is_disposed_and_created_again_replaces_its_series()
    {
        await using var host = await StartHostAsync();
        using (var old = new Meter("Acme"))
        {
            var hits = old.CreateCounter<int>("hits");
            hits.Add(7, Tag("site", "a"));
            hits.Add(8, Tag("site", "b"));
        }

        using var meter = new Meter("Acme");
        meter.CreateCounter<int>("hits").Add(1, Tag("site", "a"));

        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            "# HELP hits_total \n# TYPE hits_total counter\n" +
            "hits_total{otel_scope_name=\"Acme\",site=\"a\"} 1.0\n" +
            "hits_total{otel_scope_name=\"Acme\",site=\"b\"} 8.0\n"));
        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            "# HELP hits_total \n# TYPE hits_total counter\nhits_total{otel_scope_name=\"Acme\",site=\"a\"} 1.0\n"));
    }

    [Test]
    public async Task Families_of_disposed_meters_are_not_kept()
    {
        await using var host = await StartHostAsync();
        var registry = host.Services.GetRequiredService<OrchestratorMetricsRegistry>();
        var value = Record();

        // The SDK keeps the metrics of the last batch and the tags of the last measurement until others replace them.
        foreach (var name in (string[])["a", "b"])
            host.CreateMeter().CreateCounter<int>(name).Add(1, Tag("value", "x"));
        for (var i = 0; i < 4; i++)
            await registry.CollectAsync();

        var isKept = true;
        for (var i = 0; i < 10 && isKept; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            isKept = value.IsAlive;
        }

        Assert.That(isKept, Is.False);

        // Not inlined, so no local variable keeps the value alive.
        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference Record()
        {
            using var meter = new Meter("Acme");
            var value = new string('x', 20);
            meter.CreateCounter<int>("short.lived").Add(1, Tag("value", value));
            registry.CollectAsync().GetAwaiter().GetResult();
            return new WeakReference(value);
        }
    }
}
