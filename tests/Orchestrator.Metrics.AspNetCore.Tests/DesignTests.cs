using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Tests.Snippets;

namespace Orchestrator.Metrics.Tests;

/// <summary>Runs the user code for which the API was designed.</summary>
public class DesignTests
{
    [Test]
    public async Task Design_host_serves_default_and_custom_families()
    {
        await using var host = await HostCapture.RunAsync(DesignHost.Run);

        var body = await host.Client.GetByteArrayAsync("/api/metrics");
        using var written = new MemoryStream();
        await DesignHost.WriteAsync(
            host.Host.Services.GetRequiredService<OrchestratorMetricsRegistry>(), written, CancellationToken.None);

        byte[] expected =
        [
            .. GoldenRows.Exposition,
            .. "# HELP acme_licence_seats Licence seats in use, per product.\n"u8,
            .. "# TYPE acme_licence_seats gauge\n"u8,
            .. "acme_licence_seats{product=\"Router\"} 7.0\n"u8,
            .. "# HELP acme_new New.\n# TYPE acme_new gauge\nacme_new 1.0\n"u8,
        ];
        Assert.That(body, Is.EqualTo(expected));
        Assert.That(written.ToArray(), Is.EqualTo(expected));
    }
}
