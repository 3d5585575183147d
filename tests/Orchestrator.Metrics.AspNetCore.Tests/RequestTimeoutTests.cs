using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

// A request that ends before its collectors must not return an empty 200.
public class RequestTimeoutTests
{
    [Test]
    public async Task Request_timeout_of_the_host_returns_its_status()
    {
        await using var host = await TestHost.StartAsync(
            services =>
            {
                services.AddRequestTimeouts();
                services.AddOrchestratorMetrics().AddCollector(CreateSlowCollector());
            },
            app =>
            {
                app.UseRequestTimeouts();
                app.MapOrchestratorMetrics().WithRequestTimeout(TimeSpan.FromMilliseconds(100));
            });

        using var response = await host.Client.GetAsync("/api/metrics");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.GatewayTimeout));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Middleware_that_ends_the_request_does_not_cause_an_empty_success(bool catchesException)
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(CreateSlowCollector()),
            app =>
            {
                app.Use(async (context, next) =>
                {
                    using var ending = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
                    context.RequestAborted = ending.Token;
                    try
                    {
                        await next(context);
                    }
                    catch (OperationCanceledException) when (catchesException)
                    {
                    }
                });
                app.MapOrchestratorMetrics();
            });

        var status = HttpStatusCode.BadRequest;
        try
        {
            status = (await host.Client.GetAsync("/api/metrics")).StatusCode;
        }
        catch (HttpRequestException)
        {
            // A closed connection is not a success either.
        }

        Assert.That((int)status, Is.GreaterThanOrEqualTo(400));
    }

    [TestCase(null)]
    [TestCase("gzip")]
    public async Task Request_that_ends_while_the_body_is_written_does_not_look_complete(string? encoding)
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(FakeCollector.Returning(CreateLargeFamily())),
            app =>
            {
                // Like a request timeout, but between two blocks. Within a block, Kestrel closes the connection itself.
                app.Use(async (context, next) =>
                {
                    using var ending = new CancellationTokenSource();
                    context.RequestAborted = ending.Token;
                    context.Response.Body = new EndingStream(context.Response.Body, ending);
                    await next(context);
                });

                // In this order, the middleware treats the cancellation as a client disconnect and ends the response.
                app.UseExceptionHandler("/error");
                app.MapOrchestratorMetrics();
            });
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        if (encoding is not null)
            request.Headers.Add("Accept-Encoding", encoding);

        Assert.That(
            async () => (await host.Client.SendAsync(request)).Dispose(), Throws.InstanceOf<HttpRequestException>());
    }

    [TestCase(10, 0.5, 9.5)]
    [TestCase(1, 0.5, 0.5)]
    [TestCase(0.5, 0.5, 0.05)]
    [TestCase(0.55, 0.5, 0.055)]
    [TestCase(10, 0, 10)]
    [TestCase(10, 60, 1)]
    public void ScrapeTimeoutOffset_is_subtracted_from_the_scrape_timeout_and_at_least_a_tenth_remains(
        double header, double offset, double seconds) =>
        Assert.That(
            AspNetCore.MetricsRequestHandler.SubtractOffset(header, TimeSpan.FromSeconds(offset)).TotalSeconds,
            Is.EqualTo(seconds).Within(1e-6));

    [Test]
    public async Task Deadlines_hold_while_many_collectors_block_their_threads()
    {
        using var gate = new ManualResetEventSlim();
        await using var host = await TestHost.StartAsync(
            [.. Enumerable.Range(0, 30).Select(_ => new FakeCollector(_ =>
            {
                gate.Wait(CancellationToken.None);
                return Task.FromResult<IReadOnlyList<MetricFamily>>([]);
            }))]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        request.Headers.Add("X-Prometheus-Scrape-Timeout-Seconds", "1");

        // Collectors that block pool threads would delay timers by about half a minute.
        using var response = await host.Client.SendAsync(request).WaitAsync(TimeSpan.FromSeconds(10));
        gate.Set();

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
    }

    /// <summary>Creates a family that is large enough for many blocks.</summary>
    private static MetricFamily CreateLargeFamily()
    {
        var family = MetricFamily.Gauge("acme_a", "", "number");
        for (var i = 0; i < 100_000; i++)
            family.Add(i, $"{i}");
        return family;
    }

    private static FakeCollector CreateSlowCollector() => new(async token =>
    {
        await Task.Delay(Timeout.Infinite, token);
        return [];
    });

    private sealed class EndingStream(Stream body, CancellationTokenSource ending) : WriteOnlyStream
    {
        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await body.WriteAsync(buffer, CancellationToken.None);
            await ending.CancelAsync();
        }

        public override Task FlushAsync(CancellationToken cancellationToken) =>
            body.FlushAsync(CancellationToken.None);

        public override void Flush() => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
