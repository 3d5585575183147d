namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>The reader that judges the writer is judged itself: it refuses what it should.</summary>
public class StrictOpenMetricsReaderTests
{
    private const string H = "# TYPE h histogram\n";

    [TestCase("")]
    [TestCase("# EOF")]
    [TestCase("\n# EOF\n")]
    [TestCase("# EOF\n# EOF\n")]
    [TestCase("# TYPE a gauge\na 1\n")]
    [TestCase("a 1\n# EOF\n")]
    [TestCase("# TYPE a untyped\na 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\n# TYPE a gauge\n# EOF\n")]
    [TestCase("# TYPE a gauge\na 1\n# HELP a late\n# EOF\n")]
    [TestCase("# TYPE a gauge\n# TYPE b gauge\n# HELP a again\n# EOF\n")]
    [TestCase("# HELP a \"raw\"\n# TYPE a gauge\n# EOF\n")]
    [TestCase("# HELP a \\t\n# TYPE a gauge\n# EOF\n")]
    [TestCase("# TYPE a-b gauge\n# EOF\n")]
    [TestCase("# TYPE a gauge\na 1 \n# EOF\n")]
    [TestCase("# TYPE a gauge\na  1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na\n# EOF\n")]
    [TestCase("# TYPE a gauge\na 1 2 3\n# EOF\n")]
    [TestCase("# TYPE a gauge\na 1 NaN\n# EOF\n")]
    [TestCase("# TYPE a gauge\na 0x1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na 1_0\n# EOF\n")]
    [TestCase("# TYPE a gauge\nb 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na 1\na 2\n# EOF\n")]
    [TestCase("# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na{x=\"1\",} 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na{x=\"1\", y=\"2\"} 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na{x=1} 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na{x-y=\"1\"} 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na{x=\"\\r\"} 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na{x=\"1} 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na 1 # {} 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 1\na{x=\"1\"} 1 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\na 1 2\na 1 1\n# EOF\n")]
    [TestCase("# TYPE a gauge\n# UNIT a seconds\n# EOF\n")]
    [TestCase("# TYPE a_s info\n# UNIT a_s s\n# EOF\n")]
    [TestCase("# TYPE a counter\na 1\n# EOF\n")]
    [TestCase("# TYPE a counter\na_total -1\n# EOF\n")]
    [TestCase("# TYPE a counter\na_total NaN\n# EOF\n")]
    [TestCase("# TYPE a counter\n# TYPE a_total gauge\n# EOF\n")]
    [TestCase("# TYPE a info\na_info 2\n# EOF\n")]
    [TestCase("# TYPE a stateset\na{a=\"x\"} 2\n# EOF\n")]
    [TestCase("# TYPE a stateset\na{b=\"x\"} 1\n# EOF\n")]
    [TestCase("# TYPE a summary\na{quantile=\"2\"} 1\n# EOF\n")]
    [TestCase("# TYPE a summary\na 1\n# EOF\n")]
    [TestCase("# TYPE a summary\na_count 1.5\n# EOF\n")]
    [TestCase(H + "h_bucket{le=\"1\"} 1\n# EOF\n")]
    [TestCase(H + "h_bucket{le=\"Inf\"} 1\n# EOF\n")]
    [TestCase(H + "h_bucket{le=\"1\"} 2\nh_bucket{le=\"+Inf\"} 1\n# EOF\n")]
    [TestCase(H + "h_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 1\n# EOF\n")]
    [TestCase(H + "h_bucket{le=\"+Inf\"} 1.5\n# EOF\n")]
    [TestCase(H + "h_bucket{le=\"+Inf\"} 1\nh_count 1\n# EOF\n")]
    [TestCase(H + "h_bucket{le=\"+Inf\"} 1\nh_count 2\nh_sum 1\n# EOF\n")]
    [TestCase(H + "h_bucket{le=\"-1\"} 1\nh_bucket{le=\"+Inf\"} 1\nh_count 1\nh_sum 1\n# EOF\n")]
    public void What_is_not_OpenMetrics_is_refused(string text) =>
        Assert.That(() => StrictOpenMetricsReader.Read(text), Throws.InstanceOf<FormatException>());

    [Test]
    public void What_is_OpenMetrics_is_read()
    {
        var families = StrictOpenMetricsReader.Read(
            "# HELP a_s say \\\"hi\\\"\\n\\\\\n# TYPE a_s counter\n# UNIT a_s s\n" +
            "a_s_total{x=\"}\\\"\\n\\\\ # {\",y=\"\"} 1e+06 1.5 # {t=\"#\"} -Inf 3\n# TYPE b unknown\nb nan\n# EOF\n");
        var sample = families[0].Samples[0];

        Assert.Multiple(() =>
        {
            Assert.That(families[0].Help, Is.EqualTo("say \"hi\"\n\\"));
            Assert.That(families[0].Unit, Is.EqualTo("s"));
            Assert.That(sample["x"], Is.EqualTo("}\"\n\\ # {"));
            Assert.That(sample["y"], Is.Empty);
            Assert.That(sample.Value, Is.EqualTo(1e6));
            Assert.That(sample.Timestamp, Is.EqualTo(1.5));
            Assert.That(sample.Exemplar!["t"], Is.EqualTo("#"));
            Assert.That(sample.Exemplar.Value, Is.EqualTo(double.NegativeInfinity));
            Assert.That(sample.Exemplar.Timestamp, Is.EqualTo(3));
            Assert.That(families[1].Samples[0].Value, Is.NaN);
        });
    }
}
