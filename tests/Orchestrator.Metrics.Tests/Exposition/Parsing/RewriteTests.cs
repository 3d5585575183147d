using System.Text.Json;
using CsCheck;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

public class RewriteTests
{
    [TestCaseSource(typeof(ConformanceTests), nameof(ConformanceTests.ReadVectors))]
    public void Every_vector_in_Prometheus_text_survives_a_round_trip(JsonElement vector)
    {
        var text = vector.GetProperty("text").GetString()!;

        Assert.That(TextRewriter.Rewrite(text, ExpositionFormat.PrometheusText), Is.EqualTo(text));
    }

    [TestCaseSource(typeof(ConformanceTests), nameof(ConformanceTests.ReadVectors))]
    public void Every_vector_in_OpenMetrics_survives_a_round_trip(JsonElement vector)
    {
        var openMetrics = vector.GetProperty("openmetrics").GetString()!;

        Assert.That(TextRewriter.Rewrite(openMetrics, ExpositionFormat.OpenMetrics), Is.EqualTo(openMetrics));
    }

    [Test]
    public void Generated_families_survive_a_round_trip_in_every_text_format()
    {
        foreach (var format in TextRewriter.Formats)
            GeneratedFamily.Several.Sample(
                families => SurvivesRoundTrip(CreateSnapshot(families).ToText(format), format), iter: 300);
    }

    [Test]
    public void Unicode_names_survive_a_round_trip_except_for_the_order_of_escaped_labels()
    {
        foreach (var format in TextRewriter.Formats)
        {
            var text = AllTypes.CreateSnapshot().ToText(format);
            var again = TextRewriter.Rewrite(text, TextRewriter.GetRewriteFormat(format));
            if (format.Escaping == EscapingScheme.AllowUtf8)
                Assert.That(again, Is.EqualTo(text), format.ToString());
            Assert.That(SortCharacters(again), Is.EqualTo(SortCharacters(text)), format.ToString());
        }
    }

    [Test]
    public void Parsed_OpenMetrics_is_written_as_the_Prometheus_text_of_the_original_families()
    {
        // Timestamps are not compared: in Prometheus text, parsed ones are rounded and others are truncated.
        GeneratedFamily.Several.Sample(families =>
        {
            var snapshot = CreateSnapshot(families);
            var read = MetricsSnapshot.Parse(snapshot.ToText(ExpositionFormat.OpenMetrics));
            return RemoveTimestamps(read.ToText(ExpositionFormat.PrometheusText))
                == RemoveTimestamps(snapshot.ToText(ExpositionFormat.PrometheusText));
        }, iter: 1_000);
    }

    private static MetricsSnapshot CreateSnapshot(GeneratedFamily[] families) =>
        new(families.Select(family => family.Family));

    private static bool SurvivesRoundTrip(string text, ExpositionFormat format) =>
        TextRewriter.Rewrite(text, TextRewriter.GetRewriteFormat(format)) == text;

    // The order of labels does not matter.
    private static IEnumerable<string> SortCharacters(string text) =>
        text.Split('\n').Select(line => string.Concat(line.Order()));

    private static string RemoveTimestamps(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, @"(?m)(?<=^[^#].*) -?\d+$", "");
}
