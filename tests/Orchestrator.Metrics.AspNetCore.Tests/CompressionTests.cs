using System.IO.Compression;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

public class CompressionTests
{
    [TestCase("gzip", true)]
    [TestCase("GZIP", true)]
    [TestCase("gzip;q=0.5, identity", true)]
    [TestCase("br, *", true)]
    [TestCase("*", true)]
    [TestCase("deflate, br", false)]
    [TestCase("gzip;q=0", false)]
    [TestCase("gzip;q=0, *", false)]
    [TestCase("*;q=0", false)]
    [TestCase("identity", false)]
    [TestCase("xgzip", false)]
    [TestCase("gzip;q=nonsense", false)]
    [TestCase(";;;,,,", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public async Task Gzip_is_used_if_the_client_accepts_it(string? accepted, bool compressed)
    {
        await using var host = await TestHost.StartAsync(CreateLargeCollector());
        var plain = await host.Client.GetByteArrayAsync("/api/metrics");

        using var response = await GetAsync(host, accepted);
        var body = await response.Content.ReadAsByteArrayAsync();

        Assert.That(response.Content.Headers.ContentEncoding.Contains("gzip"), Is.EqualTo(compressed));
        Assert.That(compressed ? Unzip(body) : body, Is.EqualTo(plain));
        Assert.That(response.Headers.Vary.ToArray(), Is.EqualTo(new[] { "Accept", "Accept-Encoding" }));
    }

    [Test]
    public async Task Compression_can_be_turned_off()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(CreateLargeCollector()),
            endpoint: options => options.Compression = false);

        using var response = await GetAsync(host, "gzip");

        Assert.That(response.Content.Headers.ContentEncoding, Is.Empty);
        Assert.That(response.Headers.Vary.ToArray(), Is.EqualTo(new[] { "Accept" }));
    }

    private static FakeCollector CreateLargeCollector()
    {
        var family = MetricFamily.Gauge("acme_large", "For tests.", "number");
        for (var i = 0; i < 20_000; i++)
            family.Add(i, i.ToString(System.Globalization.CultureInfo.InvariantCulture));
        return FakeCollector.Returning(family);
    }

    private static async Task<HttpResponseMessage> GetAsync(TestHost host, string? acceptEncoding)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        if (acceptEncoding is not null)
            request.Headers.TryAddWithoutValidation("Accept-Encoding", acceptEncoding);
        return await host.Client.SendAsync(request);
    }

    private static byte[] Unzip(byte[] body)
    {
        using var unzipped = new MemoryStream();
        using (var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress))
            gzip.CopyTo(unzipped);
        return unzipped.ToArray();
    }
}
