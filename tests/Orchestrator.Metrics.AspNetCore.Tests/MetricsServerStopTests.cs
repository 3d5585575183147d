using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Metrics.AspNetCore.Server;

namespace Orchestrator.Metrics.Tests;

public class MetricsServerStopTests
{
    [Test]
    public async Task Scrape_in_flight_is_cancelled_and_gets_503_when_the_host_stops()
    {
        var entered = new TaskCompletionSource();
        await using var host = await WorkerHost.StartAsync(new FakeCollector(async token =>
        {
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return [];
        }));
        var scrape = host.Client.GetAsync("/metrics");
        await entered.Task.Soon();

        var stopped = host.StopAsync();

        using var response = await scrape.Soon();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        await stopped.Soon();
        Assert.That(async () => await host.Client.GetAsync("/metrics"), Throws.InstanceOf<HttpRequestException>());
    }

    [TestCase("")]
    [TestCase("GET /metrics HTTP/1.1\r\nHost: localhost\r\n")]
    [TestCase("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n1")]
    public async Task Client_that_sends_nothing_more_does_not_keep_the_host_from_stopping(string sent)
    {
        var time = new FakeTimeProvider();
        await using var host = await WorkerHost.StartAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(time));
        using var client = await ConnectAsync(host, sent);

        var stopped = host.StopAsync();
        await Waiting.UntilAsync(
            () =>
            {
                time.Advance(MetricsServer.StopGrace);
                return stopped.IsCompleted;
            },
            isCompleted => isCompleted);

        await stopped.Soon();
    }

    [Test]
    public async Task Client_that_reads_nothing_does_not_keep_the_host_from_stopping()
    {
        var label = new string('x', 1_000_000);
        var collected = new TaskCompletionSource();
        await using var host = await WorkerHost.StartAsync(new FakeCollector(_ =>
        {
            var family = MetricFamily.Gauge("acme_a", "", "number", "text");
            for (var i = 0; i < 30; i++)
                family.Add(1, $"{i}", label);
            collected.SetResult();
            return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
        }));
        using var client = await ConnectAsync(host, "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await collected.Task.Soon();

        await host.StopAsync().Soon();
    }

    private static async Task<TcpClient> ConnectAsync(WorkerHost host, string sent)
    {
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(host.Client.BaseAddress!.Host, host.Client.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(sent));
        return client;
    }
}
