using CsCheck;

namespace Orchestrator.Metrics.Tests.Exposition;

// The headers of Prometheus come from its source and tests (scrape.acceptHeader). Rules:
// https://prometheus.io/docs/instrumenting/content_negotiation.
public class AcceptHeaderTests
{
    private const string Text = "text/plain; version=0.0.4; charset=utf-8";
    private const string TextV1 = "text/plain; version=1.0.0; charset=utf-8; escaping=";
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=";
    private const string OpenMetrics001 = "application/openmetrics-text; version=0.0.1; charset=utf-8";

    private const string Protobuf =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

    private const string ProtobufType =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private const string Prometheus3 =
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
        "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4," +
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2";

    [TestCase(
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75," +
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OpenMetrics + "underscores", TestName = "Prometheus_2_42")]
    [TestCase(
        "application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
        "text/plain;version=0.0.4;q=0.3,*/*;q=0.2", OpenMetrics + "underscores", TestName = "Prometheus_2_53_to_2_55")]
    [TestCase(
        "application/openmetrics-text; version=0.0.1,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        OpenMetrics001, TestName = "Prometheus_2_5")]
    [TestCase(Prometheus3, OpenMetrics + "allow-utf-8", TestName = "Prometheus_3")]
    [TestCase(
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6," +
        "application/openmetrics-text;version=0.0.1;escaping=allow-utf-8;q=0.5," +
        "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;escaping=allow-utf-8;q=0.3," +
        "*/*;q=0.2", OpenMetrics + "allow-utf-8", TestName = "Prometheus_3_3_with_escaping_everywhere")]
    [TestCase(
        "application/openmetrics-text;version=1.0.0;escaping=dots;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4," +
        "text/plain;version=1.0.0;escaping=dots;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        OpenMetrics + "dots", TestName = "Prometheus_3_with_dots")]
    [TestCase(
        Protobuf + ";q=0.7," + Prometheus3, ProtobufType, TestName = "Prometheus_3_protobuf_first")]
    [TestCase(
        Protobuf + ",application/openmetrics-text;version=1.0.0;q=0.8,application/openmetrics-text;version=0.0.1;q=0.75," +
        "text/plain;version=0.0.4;q=0.5,*/*;q=0.1", ProtobufType, TestName = "Prometheus_2_42_with_native_histograms")]
    [TestCase(
        Prometheus3 + "," + Protobuf + ";q=0.1", OpenMetrics + "allow-utf-8", TestName = "Prometheus_3_protobuf_last")]
    [TestCase(
        Protobuf + ";q=0.7,text/plain;version=0.0.4;q=0.3,*/*;q=0.1", ProtobufType, TestName = "Telegraf")]
    [TestCase(
        Protobuf + ";q=0.7;encoding=delimited,text/plain;version=0.0.4;q=0.3", ProtobufType, TestName = "Protobuf_and_text")]
    [TestCase(
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf8;q=0.5," +
        "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf8;q=0.3," +
        "text/plain;version=0.0.4;q=0.2,/;q=0.1", OpenMetrics + "allow-utf-8", TestName = "The_documentation_page")]
    [TestCase(
        Protobuf + ";q=0.5,application/openmetrics-text;version=1.0.0;escaping=allow-utf8;q=0.4," +
        "application/openmetrics-text;version=0.0.1;q=0.3,text/plain;version=1.0.0;escaping=allow-utf8;q=0.2," +
        "text/plain;version=0.0.4;q=0.1,/;q=0.0",
        ProtobufType, TestName = "The_documentation_page_protobuf_first")]
    [TestCase(
        "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8," +
        "application/signed-exchange;v=b3;q=0.7", Text, TestName = "Chrome")]
    [TestCase("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Text, TestName = "Firefox")]
    [TestCase("*/*", Text, TestName = "curl")]
    [TestCase("text/plain;version=0.0.4;q=1,*/*;q=0.1", Text, TestName = "VictoriaMetrics_vmagent")]
    [TestCase("text/plain", Text, TestName = "Text_without_version")]
    [TestCase("", Text, TestName = "Empty_header")]
    [TestCase(null, Text, TestName = "No_header")]
    public void Real_headers_select_a_format(string? accept, string contentType) =>
        AssertNegotiates(accept, contentType);

    [TestCase("text/plain;version=0.0.4;q=0.9,application/openmetrics-text;version=1.0.0;q=0.8", Text)]
    [TestCase(
        "text/plain;version=0.0.4;q=0.8,application/openmetrics-text;version=1.0.0;q=0.9", OpenMetrics + "underscores")]
    [TestCase(Protobuf + ";q=0", Text)]
    [TestCase(Protobuf + ";q=0.5,*/*", Text)]
    [TestCase("application/*", OpenMetrics + "underscores", Description = "a range never selects protobuf")]
    [TestCase("text/plain;q=0.123,application/openmetrics-text;q=0.124", OpenMetrics + "underscores")]
    [TestCase("application/openmetrics-text;q=0.123,text/plain;q=0.124", Text)]
    [TestCase("application/openmetrics-text;q=0.001", OpenMetrics + "underscores")]
    [TestCase("application/openmetrics-text;q=0.5,text/plain", Text, Description = "without q, the quality is 1")]
    [TestCase("application/openmetrics-text;q=1.000,text/plain;q=0.999", OpenMetrics + "underscores")]
    [TestCase(
        "text/plain;q=0.5,application/openmetrics-text;q=0.5", Text,
        Description = "equal quality: the first wins")]
    [TestCase(
        "application/openmetrics-text;q=0.5,text/plain;q=0.5", OpenMetrics + "underscores",
        Description = "equal quality: the first wins")]
    [TestCase("application/openmetrics-text;q=0,text/plain;q=0.1", Text)]
    [TestCase("application/openmetrics-text;q=0.000", Text, Description = "q=0 excludes the format")]
    [TestCase("application/openmetrics-text;Q=0.1,text/plain;q=0.2", Text)]
    public void Quality_values_are_respected(string accept, string contentType) =>
        AssertNegotiates(accept, contentType);

    [TestCase("application/openmetrics-text;version=2.0.0,text/plain;version=1.0.0;q=0.5", TextV1 + "underscores")]
    [TestCase("application/openmetrics-text;version=1.0", Text)]
    [TestCase("application/openmetrics-text;version=", Text)]
    [TestCase("text/plain;version=0.0.3", Text)]
    [TestCase("text/plain;version=9,application/openmetrics-text;q=0.1", OpenMetrics + "underscores")]
    [TestCase("application/json", Text)]
    [TestCase("application/json,text/plain;version=1.0.0;escaping=values;q=0.1", TextV1 + "values")]
    [TestCase("application/vnd.google.protobuf", Text)]
    [TestCase("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily", Text)]
    [TestCase("application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text", Text)]
    [TestCase("application/vnd.google.protobuf;proto=io.prometheus.client.Metric;encoding=delimited", Text)]
    public void Unknown_types_and_versions_are_ignored(string accept, string contentType) =>
        AssertNegotiates(accept, contentType);

    [TestCase("text/plain;version=1.0.0;escaping=allow-utf-8", TextV1 + "allow-utf-8")]
    [TestCase("text/plain;version=1.0.0;escaping=allow-utf8", TextV1 + "allow-utf-8")]
    [TestCase("text/plain;version=1.0.0;escaping=dots", TextV1 + "dots")]
    [TestCase("text/plain;version=1.0.0;escaping=values", TextV1 + "values")]
    [TestCase("text/plain;version=1.0.0;escaping=underscores", TextV1 + "underscores")]
    [TestCase("text/plain;version=1.0.0", TextV1 + "underscores")]
    [TestCase("text/plain;version=1.0.0;escaping=nonsense", TextV1 + "underscores", Description = "is not echoed")]
    [TestCase("text/plain;version=0.0.4;escaping=allow-utf-8", Text, Description = "0.0.4 supports underscores only")]
    [TestCase("text/plain;escaping=allow-utf-8", Text)]
    [TestCase("application/openmetrics-text;version=0.0.1;escaping=allow-utf-8", OpenMetrics001)]
    [TestCase("application/openmetrics-text;escaping=values", OpenMetrics + "values")]
    [TestCase(Protobuf + ";escaping=underscores", ProtobufType)]
    [TestCase(Protobuf + ";escaping=allow-utf-8", ProtobufType + "; escaping=allow-utf-8")]
    public void Only_supported_versions_and_escapings_are_echoed(string accept, string contentType) =>
        AssertNegotiates(accept, contentType);

    [TestCase("APPLICATION/OpenMetrics-TEXT;VERSION=1.0.0;ESCAPING=DOTS", OpenMetrics + "dots")]
    [TestCase("application/openmetrics-text;version=\"1.0.0\";escaping=\"allow-utf-8\"", OpenMetrics + "allow-utf-8")]
    [TestCase(
        "  application/openmetrics-text ; version=1.0.0 ; q=0.5 , text/plain ; q=0.4 ", OpenMetrics + "underscores")]
    [TestCase("application/openmetrics-text;charset=utf-8;version=1.0.0", OpenMetrics + "underscores")]
    [TestCase("application/openmetrics-text;version=1.0.0;x=y", OpenMetrics + "underscores")]
    [TestCase("\tapplication/openmetrics-text\t", OpenMetrics + "underscores")]
    [TestCase("text/plain;x=\"a,b\";version=1.0.0", TextV1 + "underscores", Description = "a quoted comma is no separator")]
    [TestCase(
        "text/plain;x=\"a\\\",b\";version=1.0.0", TextV1 + "underscores",
        Description = "a comma after an escaped quote is no separator")]
    [TestCase(
        "image/png;x=\"a,application/openmetrics-text,b\"", Text, Description = "a quoted string is no media type")]
    [TestCase(
        "application/vnd.google.protobuf;proto=\"io.prometheus.client.MetricFamily\";encoding=\"delimited\"",
        ProtobufType)]
    public void Spelling_variants_are_accepted(string accept, string contentType) =>
        AssertNegotiates(accept, contentType);

    [TestCase(",")]
    [TestCase(",,,;;;")]
    [TestCase(";q=1")]
    [TestCase("/")]
    [TestCase("/;q=0.1")]
    [TestCase("text")]
    [TestCase("text/")]
    [TestCase("/plain")]
    [TestCase("*")]
    [TestCase("a/b/c")]
    [TestCase("text/plain text/plain")]
    [TestCase("text/plain;version=\"")]
    [TestCase("application/openmetrics-text;version=1.0.0;q=0.5;;;=")]
    [TestCase("\0\u0001\u007f")]
    [TestCase("application/openmetrics-text\r\nX-Evil: 1")]
    [TestCase("ällo/wörld")]
    [TestCase("\uD83D/\uDE00")]
    public void Malformed_headers_are_ignored(string accept) => AssertNegotiates(accept, Text);

    [Test]
    public void Malformed_element_does_not_affect_other_elements() =>
        AssertNegotiates(
            "///,text/plain;version=\",application/openmetrics-text;version=1.0.0;q=0.5,;;",
            OpenMetrics + "underscores");

    [Test]
    public void Random_headers_select_only_known_formats()
    {
        string[] known =
        [
            Text, OpenMetrics001,
            .. new[] { "underscores", "dots", "values", "allow-utf-8" }.SelectMany(
                escaping => new[] { TextV1 + escaping, OpenMetrics + escaping }),
        ];
        var pieces = Gen.OneOf(
            "application/openmetrics-text", "text/plain", "*/*", "application/*",
            ";", ",", "=", "\"", " ", "version=", "1.0.0", "0.0.4",
            "escaping=", "dots", "q=", "0.5", "1", "-1", "NaN", "Infinity", "1e999", "0.0000001", "\\", "\0", "\t", "é",
            "\uD83D", ";q=", ";version=").Array[0, 20].Select(string.Concat);

        Gen.OneOf(pieces, Gen.String, Gen.String[0, 5000])
            .Sample(accept => Array.IndexOf(known, ExpositionFormat.Negotiate(accept).ContentType) >= 0, iter: 20_000);
    }

    [Test]
    public void Very_long_header_selects_the_text_format_without_being_parsed()
    {
        var accept = string.Concat(Enumerable.Repeat("application/openmetrics-text;q=0.1,", 100_000));
        var before = GC.GetAllocatedBytesForCurrentThread();
        var format = ExpositionFormat.Negotiate(accept);

        Assert.Multiple(() =>
        {
            Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.LessThan(100_000));
            Assert.That(format.ContentType, Is.EqualTo(Text));
        });
    }

    [Test]
    public void Header_with_many_elements_within_the_limit_is_read_completely() =>
        AssertNegotiates(
            string.Concat(Enumerable.Repeat("a/b;q=0.1,", 300)) + "application/openmetrics-text",
            OpenMetrics + "underscores");

    private static void AssertNegotiates(string? accept, string contentType) =>
        Assert.That(ExpositionFormat.Negotiate(accept).ContentType, Is.EqualTo(contentType));

    [TestCase("application/openmetrics-text;q=abc,text/plain;version=1.0.0;q=0.1")]
    [TestCase("application/openmetrics-text;q=5,text/plain;version=1.0.0;q=0.1")]
    [TestCase("application/openmetrics-text;q=-1,text/plain;version=1.0.0;q=0.1")]
    [TestCase("application/openmetrics-text;q=,text/plain;version=1.0.0;q=0.1")]
    public void Element_with_an_invalid_quality_is_ignored(string accept) =>
        AssertNegotiates(accept, TextV1 + "underscores");
}
