namespace Orchestrator.Metrics.Tests;

public class ValidOpenMetricsTests
{
    [Test]
    public void Metrics_of_every_type_are_valid() =>
        Assert.That(
            () => new MetricsSnapshot(AllKinds.CreateFamilies()[..^2]).AssertValidOpenMetrics(), Throws.Nothing);

    [Test]
    public void Violation_is_reported_with_its_line()
    {
        var family = MetricFamily.Gauge("acme_jobs", "Jobs.");
        family.Add(1);
        family.Add(2);

        Assert.That(
            () => new MetricsSnapshot([family]).AssertValidOpenMetrics(),
            Throws.TypeOf<MetricsAssertionException>().With.InnerException.TypeOf<FormatException>()
                .And.Message.EqualTo(
                    "The metrics are not valid OpenMetrics. Line 4 of the exposition is invalid. A series of " +
                    "gauge 'acme_jobs' occurs twice. Write it once, or add timestamps. Line: acme_jobs 2.0"));
    }

    [Test]
    public void Metrics_of_another_library_are_checked() => Assert.That(
        () => MetricsSnapshot.Parse("# TYPE jobs_total counter\njobs_total -1\n").AssertValidOpenMetrics(),
        Throws.TypeOf<MetricsAssertionException>().With.Message.Contains("The value of counter 'jobs' is -1.0"));

    [Test]
    public void Exception_can_be_constructed_by_users()
    {
        var cause = new FormatException();

        Assert.That(new MetricsAssertionException("x", cause).InnerException, Is.SameAs(cause));
        Assert.That(new MetricsAssertionException("x").Message, Is.EqualTo("x"));
    }
}
