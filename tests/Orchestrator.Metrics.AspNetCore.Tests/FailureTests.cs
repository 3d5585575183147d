using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

public class FailureTests
{
    // The message of an exception must not reach a response.
    private const string Marker = "Host=db.internal;Password=hunter2";

    [Test]
    public async Task Failed_collector_fails_the_scrape_and_is_named_without_the_cause()
    {
        await using var host = await TestHost.StartAsync(
            FakeCollector.Returning("acme_a", 1), FakeCollector.Throwing(new InvalidOperationException(Marker)));

        using var response = await host.Client.GetAsync("/api/metrics");

        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(response.Content.Headers.ContentType!.ToString(), Is.EqualTo("text/plain; charset=utf-8"));
            Assert.That(
                response.Content.ReadAsStringAsync().Result,
                Is.EqualTo("This collector failed: Collector2. See the application log for the cause.\n"));
        });
    }

    private static IEnumerable<TestCaseData> CreateFailingCollectors()
    {
        yield return new TestCaseData(FakeCollector.Throwing(new InvalidOperationException(Marker)))
            .SetArgDisplayNames("thrown synchronously");
        yield return new TestCaseData(new FakeCollector(async _ =>
        {
            await Task.Yield();
            throw new InvalidOperationException(Marker, new IOException(Marker));
        })).SetArgDisplayNames("thrown later");
        yield return new TestCaseData(FakeCollector.Throwing(new OperationCanceledException(Marker)))
            .SetArgDisplayNames("cancelled by itself");
        yield return new TestCaseData(FakeCollector.Throwing(new TimeoutException(Marker)))
            .SetArgDisplayNames("timed out by itself");
        yield return new TestCaseData(FakeCollector.Throwing(new SchemaNotFoundException(Marker)))
            .SetArgDisplayNames("schema missing in a collector of the host");
        yield return new TestCaseData(new FakeCollector(_ =>
        {
            var family = MetricFamily.Gauge("acme_a", "For tests.", "marker");
            family.Add(1, Marker, Marker);
            return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
        })).SetArgDisplayNames("bad label values");
    }

    [TestCaseSource(nameof(CreateFailingCollectors))]
    public async Task Exception_details_never_reach_a_response(IMetricsCollector collector)
    {
        foreach (var policy in Enum.GetValues<FailurePolicy>())
        {
            await using var host = await TestHost.StartAsync(
                services => services.AddOrchestratorMetrics()
                    .AddCollector(collector, options => options.Name = "Failing")
                    .AddCollector(FakeCollector.Returning("acme_b", 1), options => options.Name = "Fine"),
                options: options => options.FailurePolicy = policy);

            using var response = await host.Client.GetAsync("/api/metrics");
            var everything = response + await response.Content.ReadAsStringAsync();

            Assert.That(everything, Does.Not.Contain("hunter2").And.Not.Contain("Exception"));
            Assert.That(everything, Does.Contain("Failing"), "The response names the failed collector.");
        }
    }

    [Test]
    public async Task Exception_of_a_factory_is_not_in_the_response()
    {
        await using var host = await TestHost.StartAsync(services => services.AddOrchestratorMetrics()
            .AddCollector<IMetricsCollector>(
                _ => throw new InvalidOperationException(Marker), options => options.Name = "Made"));

        using var response = await host.Client.GetAsync("/api/metrics");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("Made").And.Not.Contain("hunter2"));
    }

    [Test]
    public async Task ReportAndContinue_serves_the_other_collectors_and_reports_the_failure()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics()
                .AddCollector(FakeCollector.Throwing(new IOException(Marker)), options => options.Name = "Bad")
                .AddCollector(FakeCollector.Returning("acme_b", 1), options => options.Name = "Good"),
            options: options => options.FailurePolicy = FailurePolicy.ReportAndContinue);

        var body = await host.Client.GetStringAsync("/api/metrics");

        Assert.That(body, Does.StartWith("# HELP acme_b \n# TYPE acme_b gauge\nacme_b 1.0\n"));
        Assert.That(body, Does.Contain("wfo_scrape_collector_success{collector=\"Bad\"} 0.0\n"));
        Assert.That(body, Does.Contain("wfo_scrape_collector_success{collector=\"Good\"} 1.0\n"));
    }

    [Test]
    public async Task Scrape_fails_under_ReportAndContinue_if_all_collectors_fail()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics()
                .AddCollector(FakeCollector.Throwing(new IOException(Marker)), options => options.Name = "One")
                .AddCollector(FakeCollector.Throwing(new IOException(Marker)), options => options.Name = "Two"),
            options: options => options.FailurePolicy = FailurePolicy.ReportAndContinue);

        using var response = await host.Client.GetAsync("/api/metrics");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(
            await response.Content.ReadAsStringAsync(),
            Is.EqualTo("These collectors failed: One, Two. See the application log for the cause.\n"));
    }

    [Test]
    public async Task Scrape_timeout_of_Prometheus_is_a_deadline()
    {
        var never = new TaskCompletionSource<IReadOnlyList<MetricFamily>>();
        await using var host = await TestHost.StartAsync(new FakeCollector(_ => never.Task));

        using var response = await GetAsync(host, timeout: "0.2");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        Assert.That(
            await response.Content.ReadAsStringAsync(),
            Is.EqualTo("This collector did not finish in time: Collector1. See the application log for the cause.\n"));
        never.SetResult([]);
    }

    [TestCase("nonsense")]
    [TestCase("-1")]
    [TestCase("0")]
    [TestCase("NaN")]
    [TestCase("1e300")]
    [TestCase("")]
    public async Task Invalid_scrape_timeout_is_ignored(string timeout)
    {
        await using var host = await TestHost.StartAsync(FakeCollector.Returning("acme_a", 1));

        using var response = await GetAsync(host, timeout);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Scrape_above_MaxConcurrentScrapes_returns_503_with_Retry_After()
    {
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource<IReadOnlyList<MetricFamily>>();
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(new FakeCollector(_ =>
            {
                entered.TrySetResult();
                return gate.Task;
            })),
            endpoint: options => options.MaxConcurrentScrapes = 1);

        var first = host.Client.GetAsync("/api/metrics");
        await entered.Task.Soon();
        using var second = await host.Client.GetAsync("/api/metrics");
        gate.SetResult([]);

        Assert.Multiple(() =>
        {
            Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That(second.Headers.RetryAfter!.Delta, Is.EqualTo(TimeSpan.FromSeconds(1)));
        });
        Assert.That((await first).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await host.Client.GetAsync("/api/metrics")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Client_disconnect_cancels_the_collector()
    {
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var host = await TestHost.StartAsync(new FakeCollector(async token =>
        {
            token.Register(() => cancelled.SetResult());
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, token);
            return [];
        }));
        using var disconnecting = new CancellationTokenSource();

        var request = host.Client.GetAsync("/api/metrics", disconnecting.Token);
        await entered.Task.Soon();
        await disconnecting.CancelAsync();

        Assert.That(async () => await request, Throws.InstanceOf<OperationCanceledException>());
        await cancelled.Task.Soon();
    }

    private static async Task<HttpResponseMessage> GetAsync(TestHost host, string timeout)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        request.Headers.TryAddWithoutValidation("X-Prometheus-Scrape-Timeout-Seconds", timeout);
        return await host.Client.SendAsync(request);
    }
}
