namespace Orchestrator.Metrics.Tests.Exposition;

// The expositions were reviewed against the specifications before they were approved.
public class AllTypesTests
{
    [Test]
    public void Prometheus_text_0_0_4_is_approved() =>
        Snapshot.AssertMatches(AllTypes.CreateSnapshot().ToText(ExpositionFormat.PrometheusText));

    [Test]
    public void Prometheus_text_1_0_0_is_approved(
        [Values(EscapingScheme.Dots, EscapingScheme.Values, EscapingScheme.AllowUtf8)] EscapingScheme escaping) =>
        Snapshot.AssertMatches(
            AllTypes.CreateSnapshot().ToText(ExpositionFormat.PrometheusTextV1.WithEscaping(escaping)),
            suffix: escaping.ToString());

    [Test]
    public void OpenMetrics_1_0_0_is_approved([Values] EscapingScheme escaping) => Snapshot.AssertMatches(
        AllTypes.CreateSnapshot().ToText(ExpositionFormat.OpenMetrics.WithEscaping(escaping)),
        suffix: escaping.ToString());

    [Test]
    public void OpenMetrics_0_0_1_equals_1_0_0_with_underscores() =>
        Assert.That(
            AllTypes.CreateSnapshot().ToText(ExpositionFormat.Negotiate("application/openmetrics-text;version=0.0.1")),
            Is.EqualTo(AllTypes.CreateSnapshot().ToText(ExpositionFormat.OpenMetrics)));

    [Test]
    public void Prometheus_text_1_0_0_with_underscores_equals_0_0_4() =>
        Assert.That(
            AllTypes.CreateSnapshot().ToText(ExpositionFormat.PrometheusTextV1),
            Is.EqualTo(AllTypes.CreateSnapshot().ToText(ExpositionFormat.PrometheusText)));
}
