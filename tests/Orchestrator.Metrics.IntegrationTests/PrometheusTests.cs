using System.Globalization;

namespace Orchestrator.Metrics.Tests;

public class PrometheusTests
{
    [Test]
    public async Task Prometheus_server_scrapes_the_sample()
    {
        await using var sample = await SampleProgram.StartAsync(("Sample__Simulate", "false"));
        await using var prometheus = PrometheusServer.Start(sample.Client.BaseAddress!);
        var text = await sample.Client.GetStringAsync("/api/metrics");

        var series = await prometheus.QueryAsync("count({__name__=~'wfo_.*|acme_.*'})");
        var up = await prometheus.QueryAsync("up");
        var processes = await prometheus.QueryAsync("sum(wfo_process_count)");
        var seconds = await prometheus.QueryAsync("sum(wfo_process_seconds_total_count)");
        var running = await prometheus.QueryAsync("wfo_engine_status{wfo_engine_status='RUNNING'}");

        Assert.Multiple(() =>
        {
            Assert.That(up.Values.Single(), Is.EqualTo(1));
            Assert.That(series.Values.Single(), Is.EqualTo(Samples(text, "").Count()));
            Assert.That(processes.Values.Single(), Is.EqualTo(Samples(text, "wfo_process_count{").Sum()));
            Assert.That(
                seconds.Values.Single(),
                Is.EqualTo(Samples(text, "wfo_process_seconds_total_count{").Sum()).Within(1e-9).Percent);
            Assert.That(running.Values.Single(), Is.EqualTo(1));
        });
    }

    private static IEnumerable<double> Samples(string text, string start) => text
        .Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Where(line => line[0] != '#' && line.StartsWith(start, StringComparison.Ordinal))
        .Select(line => double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture));
}
