using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace Orchestrator.Metrics.Tests;

/// <summary>Collectors as a health check, and health checks as metrics.</summary>
public class HealthCheckTests
{
    [Test]
    public async Task Check_is_healthy_before_the_first_scrape_and_runs_no_collector()
    {
        var collector = FakeCollector.Counting("x");
        await using var services = BuildServices(
            checks => checks.AddOrchestratorMetrics(), builder => builder.AddCollector(collector));

        var entry = await CheckAsync(services);

        Assert.That(entry.Status, Is.EqualTo(HealthStatus.Healthy));
        Assert.That(entry.Description, Is.EqualTo("All scraped collectors succeeded."));
        Assert.That(entry.Data, Is.EqualTo(new Dictionary<string, object> { ["FakeCollector"] = "not scraped" }));
        Assert.That(collector.Runs, Is.Zero);
    }

    [TestCase(null, HealthStatus.Degraded)]
    [TestCase(HealthStatus.Unhealthy, HealthStatus.Unhealthy)]
    public async Task Failed_collector_has_the_failure_status_and_is_named_without_its_cause(
        HealthStatus? failureStatus, HealthStatus expected)
    {
        var fails = true;
        await using var services = BuildServices(
            checks => checks.AddOrchestratorMetrics(failureStatus: failureStatus),
            builder => builder.AddGauge("good", "", _ => 1).AddGauge("bad", "", _ =>
                fails ? throw new InvalidOperationException("Password=secret") : 1));
        await ScrapeAsync(services);

        var entry = await CheckAsync(services);
        fails = false;
        await ScrapeAsync(services);

        Assert.That(entry.Status, Is.EqualTo(expected));
        Assert.That(entry.Description, Is.EqualTo("Failed collectors: bad. See the application log for the cause."));
        Assert.That(
            entry.Data, Is.EqualTo(new Dictionary<string, object> { ["good"] = "succeeded", ["bad"] = "failed" }));
        Assert.That(entry.Exception, Is.Null);
        Assert.That((await CheckAsync(services)).Status, Is.EqualTo(HealthStatus.Healthy));
    }

    [Test]
    public async Task Stale_result_is_degraded()
    {
        var fails = false;
        await using var services = BuildServices(
            checks => checks.AddOrchestratorMetrics(),
            builder => builder.AddGauge(
                "x", "", _ => fails ? throw new InvalidOperationException() : 1,
                options => options.ServeStaleFor = TimeSpan.FromHours(1)));
        await ScrapeAsync(services);
        fails = true;
        await ScrapeAsync(services);

        Assert.That((await CheckAsync(services)).Status, Is.EqualTo(HealthStatus.Degraded));
    }

    [Test]
    public async Task Data_older_than_the_maximum_age_is_degraded()
    {
        var time = new FakeTimeProvider();
        await using var services = BuildServices(
            checks => checks.AddOrchestratorMetrics(maxAge: TimeSpan.FromMinutes(2)),
            builder => builder.AddGauge("x", "", _ => 1).Services.AddSingleton<TimeProvider>(time));
        await ScrapeAsync(services);

        time.Advance(TimeSpan.FromMinutes(2));
        Assert.That((await CheckAsync(services)).Status, Is.EqualTo(HealthStatus.Healthy));
        time.Advance(TimeSpan.FromTicks(1));
        var entry = await CheckAsync(services);

        Assert.That(entry.Status, Is.EqualTo(HealthStatus.Degraded));
        Assert.That(entry.Description, Is.EqualTo("Collectors with old data: x."));
        Assert.That(entry.Data["x"], Is.EqualTo("stale"));
    }

    [Test]
    public async Task Check_has_the_name_and_tags_of_its_registration()
    {
        await using var services = BuildServices(
            checks => checks.AddOrchestratorMetrics("metrics", tags: ["ready"]), _ => { });

        var report = await services.GetRequiredService<HealthCheckService>().CheckHealthAsync().Soon();

        Assert.That(report.Entries.Keys, Is.EqualTo(new[] { "metrics" }));
        Assert.That(report.Entries["metrics"].Tags, Is.EqualTo(new[] { "ready" }));
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void Maximum_age_that_is_not_positive_is_rejected(int seconds) => Assert.That(
        () => new ServiceCollection().AddHealthChecks().AddOrchestratorMetrics(maxAge: TimeSpan.FromSeconds(seconds)),
        Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("maxAge"));

    [Test]
    public async Task Health_reports_are_exported_with_status_duration_and_age()
    {
        var time = new FakeTimeProvider();
        await using var services = BuildServices(_ => { }, builder =>
            builder.AddHealthCheckMetrics().Services.AddSingleton<TimeProvider>(time));
        await PublishAsync(services, ("db", HealthStatus.Unhealthy, 2.5), ("queue", HealthStatus.Healthy, 0.25));
        time.Advance(TimeSpan.FromSeconds(30));
        await PublishAsync(services, ("a \"b\"", HealthStatus.Healthy, 0), ("queue", HealthStatus.Degraded, 0.5));

        Assert.That((await ScrapeAsync(services)).ToText(), Is.EqualTo("""
            # HELP aspnetcore_healthcheck_status Status of the health check: 0 unhealthy, 0.5 degraded, 1 healthy.
            # TYPE aspnetcore_healthcheck_status gauge
            aspnetcore_healthcheck_status{name="a \"b\""} 1.0
            aspnetcore_healthcheck_status{name="db"} 0.0
            aspnetcore_healthcheck_status{name="queue"} 0.5
            # HELP aspnetcore_healthcheck_duration_seconds Duration of the health check.
            # TYPE aspnetcore_healthcheck_duration_seconds gauge
            aspnetcore_healthcheck_duration_seconds{name="a \"b\""} 0.0
            aspnetcore_healthcheck_duration_seconds{name="db"} 2.5
            aspnetcore_healthcheck_duration_seconds{name="queue"} 0.5
            # HELP aspnetcore_healthcheck_age_seconds Time since the health check was published.
            # TYPE aspnetcore_healthcheck_age_seconds gauge
            aspnetcore_healthcheck_age_seconds{name="a \"b\""} 0.0
            aspnetcore_healthcheck_age_seconds{name="db"} 30.0
            aspnetcore_healthcheck_age_seconds{name="queue"} 0.0

            """));
    }

    [Test]
    public void Adding_health_check_metrics_twice_is_an_error() => Assert.That(
        () => new ServiceCollection().AddOrchestratorMetrics().AddHealthCheckMetrics().AddHealthCheckMetrics(),
        Throws.InvalidOperationException.With.Message.StartsWith(
            "A collector named 'HealthChecks' is already registered."));

    [Test]
    public async Task Published_checks_include_the_collectors_without_recursion()
    {
        var fails = true;
        await using var host = await TestHost.StartAsync(
            services =>
            {
                services.AddHealthChecks().AddOrchestratorMetrics().AddCheck("db", () => HealthCheckResult.Unhealthy());
                services.Configure<HealthCheckPublisherOptions>(options =>
                    (options.Delay, options.Period) = (TimeSpan.Zero, TimeSpan.FromSeconds(1)));
                services.AddOrchestratorMetrics(options => options.FailurePolicy = FailurePolicy.ReportAndContinue)
                    .AddHealthCheckMetrics()
                    .AddGauge("acme", "", _ => fails ? throw new InvalidOperationException() : 1);
            },
            app =>
            {
                app.MapOrchestratorMetrics();
                app.MapHealthChecks("/health");
            });

        await ScrapeUntilAsync("{name=\"db\"} 0.0\n", "{name=\"orchestrator_metrics\"} 0.5\n");
        fails = false;
        await ScrapeUntilAsync("{name=\"db\"} 0.0\n", "{name=\"orchestrator_metrics\"} 1.0\n");
        Assert.That((await host.Client.GetAsync("/health")).StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));

        Task<string> ScrapeUntilAsync(params string[] samples) => Waiting.UntilAsync(
            () => host.Client.GetStringAsync("/api/metrics"),
            text => samples.All(
                sample => text.Contains("aspnetcore_healthcheck_status" + sample, StringComparison.Ordinal)));
    }

    private static ServiceProvider BuildServices(
        Action<IHealthChecksBuilder> check, Action<OrchestratorMetricsBuilder> build)
    {
        var services = new ServiceCollection();
        services.AddLogging();
        check(services.AddHealthChecks());
        build(services.AddOrchestratorMetrics(options => options.FailurePolicy = FailurePolicy.ReportAndContinue));
        return services.BuildServiceProvider(validateScopes: true);
    }

    private static async Task<HealthReportEntry> CheckAsync(ServiceProvider services) =>
        (await services.GetRequiredService<HealthCheckService>().CheckHealthAsync().Soon()).Entries.Values.Single();

    private static async Task<MetricsSnapshot> ScrapeAsync(ServiceProvider services)
    {
        var snapshot = await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();
        return new MetricsSnapshot(snapshot.Families.Where(
            family => !family.Name.StartsWith("wfo_scrape_collector_", StringComparison.Ordinal)));
    }

    private static Task PublishAsync(
        ServiceProvider services, params (string Name, HealthStatus Status, double Seconds)[] checks) =>
        services.GetServices<IHealthCheckPublisher>().Single().PublishAsync(
            new HealthReport(
                checks.ToDictionary(
                    check => check.Name,
                    check => new HealthReportEntry(
                        check.Status, null, TimeSpan.FromSeconds(check.Seconds), null, null)),
                TimeSpan.Zero),
            CancellationToken.None);
}
