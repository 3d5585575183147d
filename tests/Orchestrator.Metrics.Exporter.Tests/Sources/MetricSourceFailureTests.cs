using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Sources;

// A failed source does not affect other collectors by default, and log messages contain no part of its response.
internal sealed class MetricSourceFailureTests
{
    private const string Secret = "s3cr3t-in-the-body";

    [TestCase(null, "does not exist.")]
    [TestCase("/dev/zero", "is longer than 65536 characters. Shorten it.")]
    public async Task Secret_that_can_no_longer_be_read_fails_the_source_with_an_error_that_names_the_file(
        string? device, string problem)
    {
        using var folder = new TemporaryFolder();
        await using var server = await SourceServer.StartAsync("a 1\n");
        var token = folder.Write("token", "first\n");
        await using var host = new SourceHost(SourceHost.BuildYaml(server, "bearer_token_file: token"), folder.Path);
        File.Delete(token);
        if (device is not null)
            File.CreateSymbolicLink(token, device);

        await AssertFailureAsync(host, $"Source 'app' has a secret that cannot be read. The file '{token}' {problem}");
    }

    [TestCase(204)]
    [TestCase(401)]
    [TestCase(500)]
    [TestCase(302)]
    public async Task Status_other_than_200_fails_the_source(int status)
    {
        await using var server = await SourceServer.StartAsync(context =>
        {
            context.Response.StatusCode = status;
            return status == 204 ? Task.CompletedTask : context.Response.WriteAsync($"{Secret} 1\n");
        });
        await using var host = new SourceHost(SourceHost.BuildYaml(server));

        await AssertFailureAsync(host, $"Source 'app' returned the status {status}.");
    }

    [TestCase("text/html")]
    [TestCase("application/json; charset=utf-8")]
    [TestCase("application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited")]
    public async Task Unsupported_content_type_fails_the_source(string type)
    {
        await using var server = await SourceServer.StartAsync($"{Secret} 1\n", type);
        await using var host = new SourceHost(SourceHost.BuildYaml(server));

        await AssertFailureAsync(
            host, "Source 'app' returned a content type that is neither text/plain nor application/openmetrics-text.");
    }

    [TestCase("a 1\n" + Secret + " {\n", ", line 2")]
    [TestCase("a 1\n" + Secret + " 1", ", line 2")]
    public async Task Text_that_is_not_an_exposition_fails_the_source_and_is_not_quoted(string text, string line)
    {
        await using var server = await SourceServer.StartAsync(text);
        await using var host = new SourceHost(SourceHost.BuildYaml(server));

        await AssertFailureAsync(
            host, $"Source 'app' returned text that is not an exposition of Prometheus or OpenMetrics{line}.");
    }

    [Test]
    public async Task Response_beyond_the_limit_fails_the_source([Values] bool compressed)
    {
        await using var server = await SourceServer.StartAsync(async context =>
        {
            if (compressed)
                context.Response.Headers.ContentEncoding = "gzip";
            await using var body = compressed
                ? new GZipStream(context.Response.Body, CompressionLevel.Fastest)
                : context.Response.Body;
            // Only the limit of the reader stops this endless response.
            var line = "a 1\n"u8.ToArray();
            while (!context.RequestAborted.IsCancellationRequested)
                await body.WriteAsync(line, context.RequestAborted);
        });
        await using var host = new SourceHost(SourceHost.BuildYaml(server, "max_bytes: 100000"));

        await AssertFailureAsync(
            host, "Source 'app' returned more than 100000 bytes. Drop metrics there, or raise max_bytes.");
    }

    [Test]
    public async Task Truncated_response_fails_the_source()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var host = new SourceHost($"sources: [{{name: app, url: 'http://{listener.LocalEndpoint}/'}}]");

        var failure = AssertFailureAsync(
            host, $"Source 'app' at http://{listener.LocalEndpoint}/ cannot be read: ResponseEnded. Fetch its url with curl.");
        using (var client = await listener.AcceptTcpClientAsync())
        {
            var stream = client.GetStream();
            await stream.ReadAtLeastAsync(new byte[10], 10);
            await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\na 1\n"u8.ToArray());
            client.Client.Shutdown(SocketShutdown.Send);
            await failure;
        }
    }

    [Test]
    public async Task Invalid_compression_fails_the_source()
    {
        await using var server = await SourceServer.StartAsync(context =>
        {
            context.Response.Headers.ContentEncoding = "gzip";
            return context.Response.WriteAsync(Secret);
        });
        await using var host = new SourceHost(SourceHost.BuildYaml(server));

        await AssertFailureAsync(
            host,
            $"Source 'app' at {server.Url}/metrics cannot be read: the connection was lost, or the compression is invalid. " +
            "Fetch its url with curl.");
    }

    [Test]
    public async Task Source_that_is_down_fails_with_its_address_and_advice()
    {
        var address = $"http://127.0.0.1:{FreePort.Find()}/metrics";
        await using var host = new SourceHost($"sources: [{{name: app, url: '{address}?token={Secret}'}}]");

        await AssertFailureAsync(
            host,
            $"Source 'app' at {address} cannot be read: ConnectionError. Check host and port of its url, whether the server " +
            "runs, and firewalls.");
    }

    [Test]
    public async Task Source_with_an_unknown_host_fails_with_advice()
    {
        await using var host = new SourceHost("sources: [{name: app, url: 'http://no-such-host.invalid/'}]");

        await AssertFailureAsync(
            host,
            "Source 'app' at http://no-such-host.invalid/ cannot be read: NameResolutionError. Correct the host name in its " +
            "url, or add it to DNS.");
    }

    [Test]
    public async Task Slow_source_times_out()
    {
        var requested = new TaskCompletionSource();
        await using var server = await SourceServer.StartAsync(context =>
        {
            requested.SetResult();
            return Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        var time = new FakeTimeProvider();
        await using var host = new SourceHost(SourceHost.BuildYaml(server, "timeout: 5s"), time: time);

        var scrape = host.CollectAllAsync();
        await requested.Task.Soon();
        time.Advance(TimeSpan.FromSeconds(5));

        Assert.That(await scrape, Does.StartWith(SourceHost.Own).And.Contains("wfo_scrape_collector_success{collector=\"app\"} 0.0\n"));
    }

    [Test]
    public async Task Failed_source_with_the_policy_fail_scrape_fails_the_scrape()
    {
        await using var host = new SourceHost(
            $"sources: [{{name: app, url: 'http://127.0.0.1:{FreePort.Find()}/', failure_policy: fail_scrape}}]");

        var failure = await Assert.ThrowsAsync<MetricsCollectionException>(host.CollectAllAsync);

        Assert.That(failure!.FailedCollectors, Is.EqualTo((string[])["app"]));
    }

    private static async Task AssertFailureAsync(SourceHost host, string message)
    {
        var text = await host.CollectAllAsync();

        Assert.That(text, Does.StartWith(SourceHost.Own + "# HELP wfo_scrape_")
            .And.Contains("wfo_scrape_collector_success{collector=\"app\"} 0.0\n"));
        Assert.That(host.LogText, Does.Contain(message).And.Not.Contains(Secret));
    }
}
