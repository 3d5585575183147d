using System.Text.Json;
using CsCheck;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

/// <summary>What this library writes it reads, and writes again to the byte.</summary>
public class RewriteTests
{
    private static IEnumerable<TestCaseData> Vectors() => ConformanceTests.Vectors();

    [TestCaseSource(nameof(Vectors))]
    public void Every_vector_comes_out_as_the_same_text(JsonElement vector)
    {
        var text = vector.GetProperty("text").GetString()!;

        Assert.That(Parsed.Rewritten(text, ExpositionFormat.PrometheusText), Is.EqualTo(text));
    }

    [TestCaseSource(nameof(Vectors))]
    public void Every_vector_comes_out_as_the_same_OpenMetrics_and_as_the_text_it_has(JsonElement vector)
    {
        var openMetrics = vector.GetProperty("openmetrics").GetString()!;

        Assert.That(Parsed.Rewritten(openMetrics, ExpositionFormat.OpenMetrics), Is.EqualTo(openMetrics));
    }

    [Test]
    public void Generated_families_are_the_same_text_again_in_every_format()
    {
        foreach (var format in Parsed.Formats)
            GeneratedFamily.Several.Sample(families => IsTheSame(Snapshot(families).ToText(format), format), iter: 300);
    }

    [Test]
    public void Families_with_names_in_Unicode_are_the_same_text_again_but_for_the_order_of_escaped_labels()
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
    public void OpenMetrics_that_was_read_is_the_text_that_the_families_are()
    {
        // Text has milliseconds: half of one is rounded here and cut off there.
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

    /// <summary>The lines, with their characters in one order whatever that of the labels is.</summary>
    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Select(line => string.Concat(line.Order()));

    private static string WithoutTimes(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, @"(?m)(?<=^[^#].*) -?\d+$", "");
}
