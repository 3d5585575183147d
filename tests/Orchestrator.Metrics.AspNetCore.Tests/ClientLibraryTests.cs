using Orchestrator.Metrics.Tests.Snippets;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// The line for Prometheus.Client in the README of the PrometheusNet package, with text in the format of that library.
/// </summary>
public class ClientLibraryTests
{
    private const string Text = """
        # HELP acme_jobs Jobs \"done\".
        # TYPE acme_jobs counter
        acme_jobs{queue="b",kind="a"} 3
        # HELP acme_seconds Time.
        # TYPE acme_seconds histogram
        acme_seconds_bucket{le="0.5"} 1
        acme_seconds_bucket{le="1"} 1
        acme_seconds_bucket{le="+Inf"} 2
        acme_seconds_sum Infinity
        acme_seconds_count 2
        # HELP acme_raw 
        # TYPE acme_raw untyped
        acme_raw 1E+20 1700000000123

        """;

    [Test]
    public async Task Endpoint_includes_the_metrics_of_a_client_library()
    {
        await using var host = await TestHost.StartAsync(services =>
            ReadmeClientLibraries.AddPrometheusClient(new HostBuilder(services), new Registry()));

        Assert.That(await host.Client.GetStringAsync("/api/metrics"), Is.EqualTo(
            """
            # HELP acme_jobs Jobs \\"done\\".
            # TYPE acme_jobs counter
            acme_jobs{kind="a",queue="b"} 3.0
            # HELP acme_seconds Time.
            # TYPE acme_seconds histogram
            acme_seconds_bucket{le="0.5"} 1.0
            acme_seconds_bucket{le="1"} 1.0
            acme_seconds_bucket{le="+Inf"} 2.0
            acme_seconds_sum +Inf
            acme_seconds_count 2.0
            # HELP acme_raw 
            # TYPE acme_raw untyped
            acme_raw 1e+20 1700000000123

            """));
    }

    private sealed class Registry : ICollectorRegistry
    {
        public string Text => ClientLibraryTests.Text;
    }
}
