using System.Text;

namespace Orchestrator.Metrics.Tests.Exposition.Parsing;

public class InvalidTextTests
{
    private const string InvalidNameCharacter =
        "Expected a space after metric name 'a'. Put names with other characters in quotes.";

    private const string MisplacedEof = "'# EOF' ends OpenMetrics and must be the last line, without other characters.";

    private const string CarriageReturn =
        "The line ends with a carriage return. End lines with a line feed only (NewLine = \"\\n\" of a TextWriter).";

    private const string EqualAfterEscaping =
        "Two labels have the same name after escaping, as 'a.b' and 'a_b' would. Rename one of them.";

    private const string OpenMetricsHint = ". OpenMetrics must end with '# EOF'.";

    private static IEnumerable<TestCaseData> CreateCases()
    {
        yield return CreateCase("a 1\nb x", 2, "The value 'x' is not a number.");
        yield return CreateCase("a", 1, "The value is missing.");
        yield return CreateCase("a\n", 1, "The value is missing.");
        yield return CreateCase("a{\n", 1, "Expected a label name.");
        yield return CreateCase("a{b\n", 1, "Expected '=' after label 'b'.");
        yield return CreateCase("a{b=\n", 1, "Expected '\"' before a value.");
        yield return CreateCase("a{b=\"\n", 1, "Expected a closing quote.");
        yield return CreateCase("a{b=\"\\\"} 1\n", 1, "Expected a closing quote.");
        yield return CreateCase("a{b=\"x\\\n", 1, "Expected a closing quote.");
        yield return CreateCase("a{b=\"1\"\n", 1, "Expected ',' or '}' after label 'b'.");
        yield return CreateCase("a{b=\"1\" c=\"2\"} 1\n", 1, "Expected ',' or '}' after label 'b'.");
        yield return CreateCase("a{b=\"1\"}\n", 1, "The value is missing.");
        yield return CreateCase("a{,} 1\n", 1, "Expected a label name.");
        yield return CreateCase("a{b=\"1\",,} 1\n", 1, "Expected a label name.");
        yield return CreateCase("a{b=\"1\",b=\"2\"} 1\n", 1, "Label 'b' occurs twice.");
        yield return CreateCase("a{b=\"1\",\"b\"=\"2\"} 1\n", 1, "Label 'b' occurs twice.");
        yield return CreateCase(
            "a{b_c=\"1\",\"b.c\"=\"2\"} 1\n", 1, EqualAfterEscaping);
        yield return CreateCase(
            "a{__name__=\"b\"} 1\n", 1, "Label '__name__' is reserved for the metric name. Rename it.");
        yield return CreateCase(
            "{\"a\",\"é.name__\"=\"b\"} 1\n", 1,
            "Label 'é.name__' is escaped to '__name__', which is reserved for the metric name. Rename it.");
        yield return CreateCase("a{1b=\"1\"} 1\n", 1, "Expected a label name.");
        yield return CreateCase("a{b:c=\"1\"} 1\n", 1, "Expected '=' after label 'b'.");
        yield return CreateCase("a{\"\"=\"1\"} 1\n", 1, "A name in quotes is empty.");
        yield return CreateCase("{\"\"} 1\n", 1, "A name in quotes is empty.");
        yield return CreateCase("{} 1\n", 1, "The sample has no name. Add one.");
        yield return CreateCase("{b=\"1\"} 1\n", 1, "The sample has no name. Add one.");
        yield return CreateCase("{\"a\",\"b\"} 1\n", 1, "Expected '=' after label 'b'.");
        yield return CreateCase("a{\"b\"} 1\n", 1, "Expected '=' after label 'b'.");
        yield return CreateCase("\"a\" 1\n", 1, "Expected a metric name.");
        yield return CreateCase("1a 1\n", 1, "Expected a metric name.");
        yield return CreateCase("a-b 1\n", 1, InvalidNameCharacter);
        yield return CreateCase("é 1\n", 1, "Expected a metric name.");
        yield return CreateCase("# TYPE a.b gauge\n", 1, InvalidNameCharacter);
        yield return CreateCase("# HELP a{ x\n", 1, InvalidNameCharacter);
        yield return CreateCase("# HELP\n", 1, "Expected a metric name.");
        yield return CreateCase(
            "# TYPE a\n", 1, "'' is not a metric type of the Prometheus text format" + OpenMetricsHint);
        yield return CreateCase(
            "# TYPE a unknown\n", 1, "'unknown' is not a metric type of the Prometheus text format" + OpenMetricsHint);
        yield return CreateCase("# TYPE a untyped\n# EOF\n", 1, "'untyped' is not a metric type of OpenMetrics.");
        yield return CreateCase(
            "# TYPE a Gauge\n", 1, "'Gauge' is not a metric type of the Prometheus text format" + OpenMetricsHint);
        yield return CreateCase(
            "# TYPE a gauge\n# TYPE a counter\n", 2,
            "Metric family 'a' is of type gauge and cannot become counter. Declare the type once, before the samples.",
            "a 1\n");
        yield return CreateCase(
            "a 1\n# TYPE a gauge\n", 2,
            "Metric family 'a' is of type untyped and cannot become gauge. Declare the type once, before the samples.");
        yield return CreateCase(
            "# TYPE a histogram\na 1\n", 2,
            "'a' is not a sample name of metric family 'a' of type histogram. Use one of: 'a_bucket', 'a_count', 'a_sum'.");
        yield return CreateCase(
            "# TYPE a counter\na_total 1\na 1\n# EOF\n", 3,
            "'a' is not a sample name of metric family 'a_total' of type counter. Use one of: 'a_total', 'a_created'.");
        yield return CreateCase(
            "# TYPE a info\na 1\n# EOF\n", 2,
            "'a' is not a sample name of metric family 'a' of type info. Use one of: 'a_info'.");
        yield return CreateCase(
            "# UNIT a seconds\n# EOF\n", 1,
            "Metric family 'a' does not end in its unit 'seconds'. Append '_seconds' to the name.");
        foreach (var number in (string[])
            ["x", "1x", "0x10", "1_000", "1e", "e1", ".", "-", "--1", "+NaN", "infinit", "1,5", "1.5.5", "٣", "1\0"])
            yield return CreateCase($"a {number}\n", 1, $"The value '{number}' is not a number.");
        yield return CreateCase("a 1e999\n", 1, "The value '1e999' is too large.");
        yield return CreateCase(
            "a -" + new string('9', 400) + "\n", 1, $"The value '-{new string('9', 400)}' is too large.");
        foreach (var time in (string[])["x", "1.5", "NaN", "1e3", "9223372036854775808", "1\0", "-"])
            yield return CreateCase(
                $"a 1 {time}\n", 1, $"The timestamp '{time}' is not a whole number of milliseconds.");
        yield return CreateCase("a 1 9223372036854775807\n", 1, DescribeOutOfRange("9223372036854775807"));
        yield return CreateCase("a 1 -9223372036854775808\n", 1, DescribeOutOfRange("-9223372036854775808"));
        foreach (var time in (string[])["Inf", "-Inf", "NaN"])
            yield return CreateCase($"a 1 {time}\n# EOF\n", 1, "The timestamp is not finite.");
        yield return CreateCase("a 1 2 3\n", 1, "Expected the end of the line after the sample.");
        yield return CreateCase(
            "a 1 # {} 1\n", 1,
            "Only OpenMetrics supports exemplars, and the text does not end with '# EOF'.");
        yield return CreateCase("a 1 #\n# EOF\n", 1, "Expected '{' before labels.");
        yield return CreateCase("a 1 # {}\n# EOF\n", 1, "The exemplar value is missing.");
        yield return CreateCase("a 1 # {b=\"1\",b=\"2\"} 1\n# EOF\n", 1, "Label 'b' occurs twice.");
        yield return CreateCase("a 1 # {} 1 2 3\n# EOF\n", 1, "Expected the end of the line after the sample.");
        yield return CreateCase("a 1 # {} x\n# EOF\n", 1, "The exemplar value 'x' is not a number.");
        foreach (var end in (string[])["a 1\n", "# EOF\n", "# HELP a b\n", "\n"])
            yield return CreateCase(
                "# EOF\n" + end, 1, MisplacedEof);
        foreach (var end in (string[])["# EOF \n", " # EOF\n", "#  EOF\n"])
            yield return CreateCase(end, 1, MisplacedEof);
        foreach (var end in (string[])["# EOF\r\n", "a 1\r\n", "# TYPE a gauge\r\n"])
            yield return CreateCase(end, 1, CarriageReturn);
        yield return CreateCase("a 1\r2\n", 1, "The value '1\\r2' is not a number.");
        yield return CreateCase(
            "\uFEFF# HELP a b\n", 1,
            "The line starts with a byte order mark. Write the text with new UTF8Encoding(false).");
    }

    [TestCaseSource(nameof(CreateCases))]
    public void Invalid_text_is_rejected_with_line_and_cause(string text, int line, string cause, string after) =>
        Assert.That(
            () => MetricsSnapshot.Parse(text + after),
            Throws.TypeOf<FormatException>().With.Message.EqualTo(
                $"Line {line} of the exposition is invalid. {cause} Line: {GetExcerpt(text + after, line)}"));

    [Test]
    public void Invalid_UTF_8_is_rejected_in_every_position()
    {
        foreach (var text in (string[])["a{b=\"@\"} 1\n", "# HELP a @\n", "# @\n", "@ 1\n", "{\"@\"} 1\n"])
        {
            var bytes = Encoding.ASCII.GetBytes("x 1\n" + text + "# EOF\n");
            bytes[Array.IndexOf(bytes, (byte)'@')] = 0xC3;

            Assert.That(
                () => TextRewriter.ParseFamilies(bytes),
                Throws.TypeOf<FormatException>().With.Message.StartsWith(
                    "Line 2 of the exposition is invalid. The line is not valid UTF-8. Encode the text in UTF-8. " +
                    "Line: "),
                text);
        }
    }

    [Test]
    public void Message_shortens_a_long_line() =>
        Assert.That(
            () => MetricsSnapshot.Parse("a 1\n# HELP \"" + new string('x', 1_000_000)),
            Throws.TypeOf<FormatException>().With.Property("Message").Length.LessThan(400));

    [TestCase("a @\n")]
    [TestCase("a 1 @\n")]
    [TestCase("@-\n")]
    [TestCase("a{@} 1\n")]
    [TestCase("a{@=\"1\",@=\"2\"} 1\n")]
    [TestCase("# TYPE a @\n")]
    [TestCase("# TYPE @ gauge\n# TYPE @ counter\n")]
    [TestCase("# TYPE @ histogram\n@ 1\n")]
    public void Message_shortens_a_long_name_or_number(string text) =>
        Assert.That(
            () => MetricsSnapshot.Parse(text.Replace("@", new string('x', 1_000_000))),
            Throws.TypeOf<FormatException>().With.Property("Message").Length.LessThan(1_000));

    private static string DescribeOutOfRange(string time) =>
        $"The timestamp '{time}' is outside the range from -2251799813685248 to 2251799813685248 ms.";

    private static string GetExcerpt(string text, int line) =>
        text.Split('\n')[line - 1] is { Length: > 200 } longLine
            ? longLine[..200]
            : text.Split('\n')[line - 1].Replace("\r", "\\r");

    private static TestCaseData CreateCase(string text, int line, string cause, string after = "") =>
        new TestCaseData(text, line, cause, after).SetArgDisplayNames(text.Length > 60 ? text[..60] : text);
}
