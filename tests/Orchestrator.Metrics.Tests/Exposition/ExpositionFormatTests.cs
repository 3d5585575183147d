namespace Orchestrator.Metrics.Tests.Exposition;

public class ExpositionFormatTests
{
    [Test]
    public void Every_format_has_its_content_type()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                ExpositionFormat.PrometheusText.ContentType, Is.EqualTo("text/plain; version=0.0.4; charset=utf-8"));
            Assert.That(
                ExpositionFormat.PrometheusTextV1.ContentType,
                Is.EqualTo("text/plain; version=1.0.0; charset=utf-8; escaping=underscores"));
            Assert.That(
                ExpositionFormat.OpenMetrics.ContentType,
                Is.EqualTo("application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"));
            Assert.That(
                ExpositionFormat.Protobuf.ContentType, Is.EqualTo(
                    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"));
            Assert.That(
                ExpositionFormat.Protobuf.WithEscaping(EscapingScheme.AllowUtf8).ContentType, Is.EqualTo(
                    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; " +
                    "escaping=allow-utf-8"));
            Assert.That(ExpositionFormat.Protobuf.Version, Is.Empty);
            Assert.That(ExpositionFormat.OpenMetrics.ToString(), Is.EqualTo(ExpositionFormat.OpenMetrics.ContentType));
        });
    }

    [TestCase(EscapingScheme.Underscores, "underscores")]
    [TestCase(EscapingScheme.Dots, "dots")]
    [TestCase(EscapingScheme.Values, "values")]
    [TestCase(EscapingScheme.AllowUtf8, "allow-utf-8")]
    public void WithEscaping_returns_a_copy(EscapingScheme escaping, string name)
    {
        var before = ExpositionFormat.OpenMetrics.ContentType;
        var format = ExpositionFormat.OpenMetrics.WithEscaping(escaping);

        Assert.Multiple(() =>
        {
            Assert.That(format.Escaping, Is.EqualTo(escaping));
            Assert.That(format.ContentType, Does.EndWith("; escaping=" + name));
            Assert.That(ExpositionFormat.OpenMetrics.ContentType, Is.EqualTo(before));
            Assert.That(format, Is.EqualTo(ExpositionFormat.OpenMetrics.WithEscaping(escaping)));
            Assert.That(format, Is.Not.EqualTo(ExpositionFormat.PrometheusTextV1.WithEscaping(escaping)));
        });
    }

    [Test]
    public void Prometheus_text_0_0_4_supports_underscores_only()
    {
        Assert.Multiple(() =>
        {
            Assert.That(
                ExpositionFormat.PrometheusText.WithEscaping(EscapingScheme.Underscores),
                Is.EqualTo(ExpositionFormat.PrometheusText));
            Assert.That(
                () => ExpositionFormat.PrometheusText.WithEscaping(EscapingScheme.Dots),
                Throws.ArgumentException.With.Message.Contains("'text/plain; version=0.0.4'")
                    .And.Message.Contains("PrometheusTextV1"));
        });
    }

    [Test]
    public void Content_type_of_every_text_format_negotiates_to_that_format()
    {
        foreach (var escaping in Enum.GetValues<EscapingScheme>())
        {
            foreach (var format in (ExpositionFormat[])[ExpositionFormat.PrometheusTextV1, ExpositionFormat.OpenMetrics])
            {
                var requested = format.WithEscaping(escaping);
                Assert.That(ExpositionFormat.Negotiate(requested.ContentType), Is.EqualTo(requested));
            }
        }

        Assert.That(
            ExpositionFormat.Negotiate(ExpositionFormat.PrometheusText.ContentType),
            Is.EqualTo(ExpositionFormat.PrometheusText));
    }
}
