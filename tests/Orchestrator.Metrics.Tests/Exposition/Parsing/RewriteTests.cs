using System.Text.Json;
using CsCheck;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

/// <summary>Written text can be parsed and written again, byte for byte.</summary>
public class RewriteTests
{
    private static IEnumerable<TestCaseData> Vectors() => ConformanceTests.Vectors();

    [TestCaseSource(nameof(Vectors))]
    public void Every_vector_in_text_survives_a_round_trip(JsonElement vector)
    {
        var text = vector.GetProperty("text").GetString()!;

        Assert.That(Parsed.Rewritten(text, ExpositionFormat.PrometheusText), Is.EqualTo(text));
    }

    [TestCaseSource(nameof(Vectors))]
    public void Every_vector_in_OpenMetrics_survives_a_round_trip_and_gives_its_text(JsonElement vector)
    {
        var openMetrics = vector.GetProperty("openmetrics").GetString()!;

        Assert.That(Parsed.Rewritten(openMetrics, ExpositionFormat.OpenMetrics), Is.EqualTo(openMetrics));
    }

    [Test]
    public void Generated_families_survive_a_round_trip_in_every_format()
    {
        foreach (var format in Parsed.Formats)
            GeneratedFamily.Several.Sample(families => IsTheSame(Snapshot(families).ToText(format), format), iter: 300);
    }

    [Test]
    public void Unicode_names_survive_a_round_trip_except_for_the_order_of_escaped_labels()
    {
        foreach (var format in Parsed.Formats)
        {
            var text = AllTypes.Snapshot().ToText(format);
            var again = Parsed.Rewritten(text, Parsed.Again(format));
            if (format.Escaping == EscapingScheme.AllowUtf8)
                Assert.That(again, Is.EqualTo(text), format.ToString());
            Assert.That(Lines(again), Is.EqualTo(Lines(text)), format.ToString());
        }
    }

    [Test]
    public void OpenMetrics_that_was_parsed_is_written_as_the_text_of_its_families()
    {
        // Text contains milliseconds: a fraction is rounded in one case and truncated in the other.
        GeneratedFamily.Several.Sample(families =>
        {
            var snapshot = Snapshot(families);
            var read = MetricsSnapshot.Parse(snapshot.ToText(ExpositionFormat.OpenMetrics));
            return WithoutTimes(read.ToText(ExpositionFormat.PrometheusText))
                == WithoutTimes(snapshot.ToText(ExpositionFormat.PrometheusText));
        }, iter: 1_000);
    }

    private static MetricsSnapshot Snapshot(GeneratedFamily[] families) =>
        new(families.Select(family => family.Family));

    private static bool IsTheSame(string text, ExpositionFormat format) =>
        Parsed.Rewritten(text, Parsed.Again(format)) == text;

    /// <summary>Returns the lines with sorted characters, so the order of labels does not matter.</summary>
    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Select(line => string.Concat(line.Order()));

    private static string WithoutTimes(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, @"(?m)(?<=^[^#].*) -?\d+$", "");
}
