using System.IO.Compression;
using System.Net;
using System.Text;

namespace Orchestrator.Metrics.Tests;

public class NegotiationTests
{
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores";

    private const string Protobuf = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    [TestCase("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OpenMetrics, TestName = "Prometheus 2.42")]
    [TestCase("application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OpenMetrics, TestName = "Prometheus 2.55")]
    [TestCase("application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=allow-utf-8", TestName = "Prometheus 3")]
    [TestCase(Protobuf + ",application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", Protobuf, TestName = "Prometheus 2.42 with native histograms")]
    [TestCase("application/*,application/vnd.google.protobuf;q=0.9", OpenMetrics, TestName = "Protobuf without the name of its message")]
    [TestCase("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8", Text, TestName = "A browser")]
    [TestCase("*/*", Text, TestName = "curl")]
    [TestCase(null, Text, TestName = "No header")]
    [TestCase("application/json", Text, TestName = "Unknown media type")]
    [TestCase(";;;=,,q=x/\"", Text, TestName = "Malformed header")]
    public async Task Accept_header_selects_the_format(string? accept, string contentType)
    {
        await using var host = await TestHost.StartAsync(FakeCollector.Returning("acme_a", 1));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        if (accept is not null)
            request.Headers.TryAddWithoutValidation("Accept", accept);

        using var response = await host.Client.SendAsync(request);

        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(response.Content.Headers.NonValidated["Content-Type"].ToString(), Is.EqualTo(contentType));
            Assert.That(
                response.Content.ReadAsStringAsync().Result.EndsWith("# EOF\n", StringComparison.Ordinal),
                Is.EqualTo(contentType.Contains("openmetrics", StringComparison.Ordinal)));
        });
    }

    [Test]
    public async Task Several_Accept_headers_are_combined()
    {
        await using var host = await TestHost.StartAsync(FakeCollector.Returning("acme_a", 1));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        request.Headers.TryAddWithoutValidation("Accept", "text/plain;version=0.0.4;q=0.5");
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text;version=1.0.0");

        using var response = await host.Client.SendAsync(request);

        Assert.That(response.Content.Headers.NonValidated["Content-Type"].ToString(), Is.EqualTo(OpenMetrics));
    }

    [Test]
    public async Task Protobuf_supports_compression_name_parameters_and_HEAD()
    {
        await using var host = await TestHost.StartAsync(
            FakeCollector.Returning("acme_a", 1), FakeCollector.Returning("acme_b", 2));
        var plain = await GetProtobufAsync(HttpMethod.Get, "/api/metrics?name[]=acme_b");
        var compressed = await GetProtobufAsync(HttpMethod.Get, "/api/metrics?name[]=acme_b", "gzip");
        var head = await GetProtobufAsync(HttpMethod.Head, "/api/metrics");

        using var decompressed = new MemoryStream();
        await using (var gzip = new GZipStream(new MemoryStream(compressed), CompressionMode.Decompress))
            await gzip.CopyToAsync(decompressed);
        Assert.Multiple(() =>
        {
            Assert.That(Encoding.UTF8.GetString(plain), Does.Contain("acme_b").And.Not.Contain("acme_a"));
            Assert.That(decompressed.ToArray(), Is.EqualTo(plain));
            Assert.That(head, Is.Empty);
        });

        async Task<byte[]> GetProtobufAsync(HttpMethod method, string path, string encoding = "identity")
        {
            using var request = new HttpRequestMessage(method, path);
            request.Headers.TryAddWithoutValidation("Accept", Protobuf);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", encoding);
            using var response = await host.Client.SendAsync(request);
            Assert.That(response.Content.Headers.NonValidated["Content-Type"].ToString(), Is.EqualTo(Protobuf));
            return await response.Content.ReadAsByteArrayAsync();
        }
    }

    [Test]
    public async Task Empty_exposition_is_valid_OpenMetrics()
    {
        await using var host = await TestHost.StartAsync(FakeCollector.Returning("acme_a", 1));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics?name[]=unknown");
        request.Headers.TryAddWithoutValidation("Accept", "application/openmetrics-text");

        using var response = await host.Client.SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Is.EqualTo("# EOF\n"));
    }
}
