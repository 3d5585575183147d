using System.Text;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

/// <summary>What is not valid is refused, and the message says which line and why.</summary>
public class InvalidTextTests
{
    private const string NotAllOfTheName =
        "A blank is missing after the metric name 'a', or that is not all of the name.";

    private const string NotTheEnd = "'# EOF' is the end of OpenMetrics and must be the last line, to the letter.";

    private const string CarriageReturn =
        " It ends in a carriage return; lines end in a line feed alone (NewLine = \"\\n\" of a TextWriter).";

    private const string TheSame = "Two of its labels are the same for a reader that takes legacy names only.";

    private const string OrOpenMetrics = "; OpenMetrics must end with '# EOF'.";

    private static IEnumerable<TestCaseData> Texts()
    {
        yield return Case("a 1\nb 2", 2, "The line feed at the end is missing, so the text may be cut off.");
        yield return Case("a", 1, "The line feed at the end is missing, so the text may be cut off.");
        yield return Case("a\n", 1, "The value is missing.");
        yield return Case("a{\n", 1, "There is no valid label name where one must stand.");
        yield return Case("a{b\n", 1, "'=' is missing for label 'b'.");
        yield return Case("a{b=\n", 1, "'\"' is missing for a text in quotes.");
        yield return Case("a{b=\"\n", 1, "A closing quote is missing.");
        yield return Case("a{b=\"\\\"} 1\n", 1, "A closing quote is missing.");
        yield return Case("a{b=\"x\\\n", 1, "A closing quote is missing.");
        yield return Case("a{b=\"1\"\n", 1, "After label 'b' there is neither a comma nor a closing brace.");
        yield return Case("a{b=\"1\" c=\"2\"} 1\n", 1, "After label 'b' there is neither a comma nor a closing brace.");
        yield return Case("a{b=\"1\"}\n", 1, "The value is missing.");
        yield return Case("a{,} 1\n", 1, "There is no valid label name where one must stand.");
        yield return Case("a{b=\"1\",,} 1\n", 1, "There is no valid label name where one must stand.");
        yield return Case("a{b=\"1\",b=\"2\"} 1\n", 1, "Label 'b' occurs twice.");
        yield return Case("a{b=\"1\",\"b\"=\"2\"} 1\n", 1, "Label 'b' occurs twice.");
        yield return Case(
            "a{b_c=\"1\",\"b.c\"=\"2\"} 1\n", 1, TheSame);
        yield return Case("a{__name__=\"b\"} 1\n", 1, "Label '__name__' is the name of the metric itself.");
        yield return Case("a{1b=\"1\"} 1\n", 1, "There is no valid label name where one must stand.");
        yield return Case("a{b:c=\"1\"} 1\n", 1, "'=' is missing for label 'b'.");
        yield return Case("a{\"\"=\"1\"} 1\n", 1, "A name is empty.");
        yield return Case("{\"\"} 1\n", 1, "A name is empty.");
        yield return Case("{} 1\n", 1, "The sample has no name.");
        yield return Case("{b=\"1\"} 1\n", 1, "The sample has no name.");
        yield return Case("{\"a\",\"b\"} 1\n", 1, "'=' is missing for label 'b'.");
        yield return Case("a{\"b\"} 1\n", 1, "'=' is missing for label 'b'.");
        yield return Case("\"a\" 1\n", 1, "There is no valid metric name where one must stand.");
        yield return Case("1a 1\n", 1, "There is no valid metric name where one must stand.");
        yield return Case("a-b 1\n", 1, NotAllOfTheName);
        yield return Case("é 1\n", 1, "There is no valid metric name where one must stand.");
        yield return Case("# TYPE a.b gauge\n", 1, NotAllOfTheName);
        yield return Case("# HELP a{ x\n", 1, NotAllOfTheName);
        yield return Case("# HELP\n", 1, "There is no valid metric name where one must stand.");
        yield return Case("# TYPE a\n", 1, "'' is not a type of Prometheus text" + OrOpenMetrics);
        yield return Case("# TYPE a unknown\n", 1, "'unknown' is not a type of Prometheus text" + OrOpenMetrics);
        yield return Case("# TYPE a untyped\n# EOF\n", 1, "'untyped' is not a type of OpenMetrics.");
        yield return Case("# TYPE a Gauge\n", 1, "'Gauge' is not a type of Prometheus text" + OrOpenMetrics);
        yield return Case(
            "# TYPE a gauge\n# TYPE a counter\n", 2,
            "'a' is of type Counter here and of type Gauge above: a type is told once, before the samples.", "a 1\n");
        yield return Case(
            "a 1\n# TYPE a gauge\n", 2,
            "'a' is of type Gauge here and of type Unknown above: a type is told once, before the samples.");
        yield return Case(
            "# TYPE a histogram\na 1\n", 2,
            "'a' is of type Histogram, whose samples are named 'a_bucket', 'a_count', 'a_sum'.");
        yield return Case(
            "# TYPE a counter\na 1\n# EOF\n", 2,
            "'a' is of type Counter, whose samples are named 'a_total', 'a_created'.");
        yield return Case("# TYPE a info\na 1\n# EOF\n", 2, "'a' is of type Info, whose samples are named 'a_info'.");
        yield return Case("# UNIT a seconds\n# EOF\n", 1, "The name 'a' does not end in '_' and its unit 'seconds'.");
        foreach (var number in (string[])
            ["x", "1x", "0x10", "1_000", "1e", "e1", ".", "-", "--1", "+NaN", "infinit", "1,5", "1.5.5", "٣", "1\0"])
            yield return Case($"a {number}\n", 1, $"The value '{number}' is not a number.");
        yield return Case("a 1e999\n", 1, "The value '1e999' is too large.");
        yield return Case("a -" + new string('9', 400) + "\n", 1, $"The value '-{new string('9', 400)}' is too large.");
        foreach (var time in (string[])["x", "1.5", "NaN", "1e3", "9223372036854775808", "1\0", "-"])
            yield return Case($"a 1 {time}\n", 1, $"The timestamp '{time}' is not a whole number of milliseconds.");
        yield return Case("a 1 9223372036854775807\n", 1, "The timestamp is out of range.");
        yield return Case("a 1 -9223372036854775808\n", 1, "The timestamp is out of range.");
        foreach (var time in (string[])["Inf", "NaN", "1e300", "-2.3e12"])
            yield return Case($"a 1 {time}\n# EOF\n", 1, "The timestamp is out of range.");
        yield return Case("a 1 2 3\n", 1, "There is something after the end of the sample.");
        yield return Case(
            "a 1 # {} 1\n", 1,
            "It has an exemplar, which only OpenMetrics has; the text does not end with '# EOF' as that must.");
        yield return Case("a 1 #\n# EOF\n", 1, "'{' is missing for labels.");
        yield return Case("a 1 # {}\n# EOF\n", 1, "The value of the exemplar is missing.");
        yield return Case("a 1 # {b=\"1\",b=\"2\"} 1\n# EOF\n", 1, "Label 'b' occurs twice.");
        yield return Case("a 1 # {} 1 2 3\n# EOF\n", 1, "There is something after the end of the sample.");
        yield return Case("a 1 # {} x\n# EOF\n", 1, "The value of the exemplar 'x' is not a number.");
        foreach (var end in (string[])["a 1\n", "# EOF\n", "# HELP a b\n", "\n"])
            yield return Case(
                "# EOF\n" + end, 1, NotTheEnd);
        foreach (var end in (string[])["# EOF \n", " # EOF\n", "#  EOF\n"])
            yield return Case(end, 1, NotTheEnd);
        yield return Case(
            "# EOF\r\n", 1, NotTheEnd + CarriageReturn);
        yield return Case(
            "a 1\r\n", 1, "The value '1\r' is not a number." + CarriageReturn);
        yield return Case(
            "\uFEFF# HELP a b\n", 1,
            "There is no valid metric name where one must stand. It starts with a byte order mark, which " +
            "UTF8Encoding leaves out if it is created with false.");
    }

    [TestCaseSource(nameof(Texts))]
    public void It_is_refused_with_line_and_reason(string text, int line, string why, string after) =>
        Assert.That(
            () => Parsed.Snapshot(text + after),
            Throws.TypeOf<FormatException>().With.Message.EqualTo(
                $"Line {line} of the exposition text is not valid. {why} The line: {Excerpt(text + after, line)}"));

    [Test]
    public void Bytes_that_are_not_UTF_8_are_refused_wherever_they_stand()
    {
        foreach (var text in (string[])["a{b=\"@\"} 1\n", "# HELP a @\n", "# @\n", "@ 1\n", "{\"@\"} 1\n"])
        {
            var bytes = Encoding.ASCII.GetBytes("x 1\n" + text + "# EOF\n");
            bytes[Array.IndexOf(bytes, (byte)'@')] = 0xC3;

            Assert.That(
                () => Parsed.Families(bytes),
                Throws.TypeOf<FormatException>().With.Message.StartsWith(
                    "Line 2 of the exposition text is not valid. It is not valid UTF-8. The line: "), text);
        }
    }

    [Test]
    public void A_long_line_is_not_repeated_at_length() =>
        Assert.That(
            () => Parsed.Snapshot("a 1\n# HELP a " + new string('x', 1_000_000)),
            Throws.TypeOf<FormatException>().With.Property("Message").Length.LessThan(400));

    [TestCase("a @\n")]
    [TestCase("a 1 @\n")]
    [TestCase("@-\n")]
    [TestCase("a{@} 1\n")]
    [TestCase("a{@=\"1\",@=\"2\"} 1\n")]
    [TestCase("# TYPE a @\n")]
    [TestCase("# TYPE @ gauge\n# TYPE @ counter\n")]
    [TestCase("# TYPE @ histogram\n@ 1\n")]
    public void A_long_name_or_number_is_not_repeated_at_length(string text) =>
        Assert.That(
            () => Parsed.Snapshot(text.Replace("@", new string('x', 1_000_000))),
            Throws.TypeOf<FormatException>().With.Property("Message").Length.LessThan(1_000));

    private static string Excerpt(string text, int line) =>
        text.Split('\n')[line - 1] is { Length: > 200 } longLine ? longLine[..200] : text.Split('\n')[line - 1];

    private static TestCaseData Case(string text, int line, string why, string after = "") =>
        new TestCaseData(text, line, why, after).SetArgDisplayNames(text.Length > 60 ? text[..60] : text);
}
