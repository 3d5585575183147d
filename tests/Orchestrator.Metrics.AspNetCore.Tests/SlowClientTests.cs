using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

public class SlowClientTests
{
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(33);

    [TestCase(null)]
    [TestCase("gzip")]
    public async Task Client_that_reads_nothing_is_aborted_at_the_write_timeout_and_releases_its_slot(string? encoding)
    {
        var time = CreateResponseClock();
        using var log = new ListLogger();
        await using var host = await StartAsync(time, log);
        using var client = await RequestAsync(host, encoding);
        await time.WaitForTimerAsync();

        Assert.That(await GetStatusAsync(host), Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        time.Advance(WriteTimeout);

        await log.WaitForAsync(entry => entry.Message ==
            "A client did not receive the response within 33 s (WriteTimeout), so the connection was aborted.");
        await Waiting.UntilAsync(() => GetStatusAsync(host), status => status == HttpStatusCode.OK);
        Assert.That(await IsCompleteAsync(client), Is.False);
        Assert.That(log.Entries.Where(entry => entry.Level >= LogLevel.Warning), Is.Empty);
    }

    [Test]
    public async Task Families_of_an_aborted_response_are_released()
    {
        var time = CreateResponseClock();
        using var log = new ListLogger();
        WeakReference? families = null;
        await using var host = await StartAsync(time, log, collected: family => families ??= new(family));
        using var client = await RequestAsync(host);
        await time.WaitForTimerAsync();
        GC.Collect();
        Assert.That(families!.IsAlive, Is.True);

        time.Advance(WriteTimeout);

        await Waiting.UntilAsync(
            () =>
            {
                GC.Collect();
                return families.IsAlive;
            },
            isAlive => !isAlive);
    }

    [Test]
    public async Task Response_with_a_full_HTTP_2_window_is_aborted_at_the_write_timeout()
    {
        var time = CreateResponseClock();
        using var log = new ListLogger();
        await using var host = await StartAsync(time, log, HttpProtocols.Http2);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await host.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).Soon();
        await time.WaitForTimerAsync();

        time.Advance(WriteTimeout);

        await log.WaitForAsync(entry => entry.Message.Contains("(WriteTimeout)", StringComparison.Ordinal));
        Assert.That(async () => await response.Content.ReadAsByteArrayAsync(), Throws.Exception);
    }

    [Test]
    public async Task Client_that_reads_receives_the_whole_response_before_the_write_timeout()
    {
        var time = CreateResponseClock();
        await using var host = await StartAsync(time, new ListLogger());
        using var client = await RequestAsync(host);
        await time.WaitForTimerAsync();
        time.Advance(WriteTimeout - TimeSpan.FromTicks(1));

        Assert.That(await IsCompleteAsync(client), Is.True);
    }

    [Test]
    public async Task Stopping_host_cancels_the_scrape_and_returns_503()
    {
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var host = await TestHost.StartAsync(new FakeCollector(async token =>
        {
            token.Register(cancelled.SetResult);
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return [];
        }));
        var scrape = host.Client.GetAsync("/api/metrics");
        await entered.Task.Soon();

        var stopped = host.StopAsync();

        using var response = await scrape.Soon();
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(
            await response.Content.ReadAsStringAsync(), Is.EqualTo("The application is shutting down.\n"));
        await cancelled.Task.Soon();
        await stopped.Soon();
    }

    [Test]
    public async Task Client_that_reads_nothing_does_not_prevent_the_host_from_stopping()
    {
        var time = CreateResponseClock();
        await using var host = await StartAsync(time, new ListLogger());
        using var client = await RequestAsync(host);
        await time.WaitForTimerAsync();

        await host.StopAsync().Soon();

        Assert.That(await IsCompleteAsync(client), Is.False);
    }

    private static SignallingTimeProvider CreateResponseClock() => new(dueTime => dueTime == WriteTimeout);

    private static Task<TestHost> StartAsync(
        TimeProvider time, ListLogger log, HttpProtocols protocols = HttpProtocols.Http1,
        Action<MetricFamily>? collected = null) => TestHost.StartAsync(
        services =>
        {
            services.AddSingleton(time);
            services.AddLogging(logging => logging.AddProvider(log));
            services.Configure<KestrelServerOptions>(options =>
            {
                // Otherwise, Kestrel would abort the response first, because the client is below the minimum data rate.
                options.Limits.MinResponseDataRate = null;
                options.ConfigureEndpointDefaults(listen => listen.Protocols = protocols);
            });
            services.AddOrchestratorMetrics().AddCollector("Large", (_, _) =>
            {
                var family = CreateLargeFamily();
                collected?.Invoke(family);
                return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
            });
        },
        endpoint: options =>
        {
            options.MaxConcurrentScrapes = 1;
            options.WriteTimeout = WriteTimeout;
        });

    /// <summary>Creates a family of about 16 MB, which exceeds the socket buffers even when compressed.</summary>
    private static MetricFamily CreateLargeFamily()
    {
        var random = new Random(1);
        var bytes = new byte[3 * 1024];
        var family = MetricFamily.Gauge("acme_a", "", "value");
        for (var i = 0; i < 4_000; i++)
        {
            random.NextBytes(bytes);
            family.Add(i, Convert.ToBase64String(bytes));
        }

        return family;
    }

    private static async Task<HttpStatusCode> GetStatusAsync(TestHost host)
    {
        using var response = await host.Client.GetAsync("/api/metrics", HttpCompletionOption.ResponseHeadersRead);
        return response.StatusCode;
    }

    private static async Task<TcpClient> RequestAsync(TestHost host, string? encoding = null)
    {
        var client = new TcpClient { ReceiveBufferSize = 4096 };
        await client.ConnectAsync(host.Client.BaseAddress!.Host, host.Client.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"GET /api/metrics HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: {encoding}\r\nConnection: close\r\n\r\n"));
        return client;
    }

    private static async Task<bool> IsCompleteAsync(TcpClient client)
    {
        using var read = new MemoryStream();
        try
        {
            await client.GetStream().CopyToAsync(read).Soon();
        }
        catch (IOException)
        {
            return false;
        }

        return Encoding.ASCII.GetString(read.ToArray()).EndsWith("\r\n0\r\n\r\n", StringComparison.Ordinal);
    }
}
