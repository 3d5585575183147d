using System.Text;
using Orchestrator.Metrics.PrometheusNet;

namespace Orchestrator.Metrics.Tests;

public class PrometheusNetTextTests
{
    [TestCase("")]
    [TestCase("# HELP x X\n# TYPE x counter\nx_total 1\n")]
    [TestCase("# EOF")]
    public void Text_without_EOF_is_rejected_as_truncated(string text) => Assert.That(
        () => Correct(text),
        Throws.TypeOf<FormatException>().With.Message.EqualTo(
            "The exposition of prometheus-net does not end with '# EOF', so it is truncated."));

    [TestCase("# HELP x X\n# TYPE x unknown\nx 1\n# EOF\n", "# HELP x X\n# TYPE x counter\nx 1\n# EOF\n",
        TestName = "A_counter_without_total_is_a_counter")]
    [TestCase("# HELP x X\n# TYPE x unknown\n# HELP y \n# TYPE y unknown\n# EOF\n", null,
        TestName = "A_family_without_samples_stays_unknown")]
    [TestCase("# HELP x unknown\n# TYPE x gauge\nx{a=\"\\n# TYPE x unknown\"} 1\n# EOF\n", null,
        TestName = "Other_text_stays")]
    [TestCase("# HELP x a\n\nb\n# TYPE x gauge\nx 1\n# EOF\n", "# HELP x a\\n\\nb\n# TYPE x gauge\nx 1\n# EOF\n",
        TestName = "Line_feeds_in_a_help_text_are_escaped")]
    [TestCase("# EOF\n", null, TestName = "An_empty_exposition_stays")]
    [TestCase("# HELP\n# EOF\n", null, TestName = "A_help_line_without_a_name_stays")]
    [TestCase("# HELP x\n# EOF\n", null, TestName = "A_help_line_without_a_type_stays")]
    public void Text_is_corrected(string text, string? corrected) =>
        Assert.That(Correct(text), Is.EqualTo(corrected ?? text));

    private static string Correct(string text) =>
        Encoding.UTF8.GetString(PrometheusNetText.Correct(Encoding.UTF8.GetBytes(text)).Span);
}
