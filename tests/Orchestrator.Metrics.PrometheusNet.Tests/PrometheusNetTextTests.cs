using System.Text;
using Orchestrator.Metrics.PrometheusNet;

namespace Orchestrator.Metrics.Tests;

public class PrometheusNetTextTests
{
    [TestCase("# HELP x a\n\nb\n# TYPE x gauge\nx 1\n", "# HELP x a\\n\\nb\n# TYPE x gauge\nx 1\n",
        TestName = "Line_feeds_in_a_help_text_are_escaped")]
    [TestCase("# HELP x \n# TYPE x histogram\nx_bucket{a=\"1\",le=\"1\"} 1\nx_bucket{le=\"-20\"} 1\n",
        "# HELP x \n# TYPE x histogram\nx_bucket{a=\"1\",le=\"1.0\"} 1\nx_bucket{le=\"-20.0\"} 1\n",
        TestName = "Whole_bounds_get_a_fraction")]
    [TestCase("# HELP x \n# TYPE x histogram\nx_bucket{le=\"0.5\"} 1\nx_bucket{le=\"1e+20\"} 1\nx_bucket{le=\"+Inf\"} 1\n",
        null, TestName = "Other_bounds_stay")]
    [TestCase("# HELP x \n# TYPE x summary\nx{quantile=\"1\"} 1\n",
        "# HELP x \n# TYPE x summary\nx{quantile=\"1.0\"} 1\n", TestName = "Whole_quantiles_get_a_fraction")]
    [TestCase("# HELP x \n# TYPE x gauge\nx{le=\"1\"} 1\nx{quantile=\"1\"} 1\n", null,
        TestName = "Labels_of_other_types_stay")]
    [TestCase("# HELP x \n# TYPE x histogram\nx_sum{whole=\"1\"} 1\nx_sum{le=\"\"} 1\nx_sum{a=\"\\\"} \"} 1\nx_sum 1\n", null,
        TestName = "Other_labels_of_a_histogram_stay")]
    [TestCase("# HELP x histogram\n# TYPE x gauge\nx{a=\"\\n# TYPE x histogram\",le=\"1\"} 1\n", null,
        TestName = "Other_text_stays")]
    [TestCase("", null, TestName = "An_empty_exposition_stays")]
    [TestCase("# HELP\n", null, TestName = "A_help_line_without_a_name_stays")]
    [TestCase("# HELP x\n", null, TestName = "A_help_line_without_a_type_stays")]
    public void Text_is_corrected(string text, string? corrected) =>
        Assert.That(Correct(text), Is.EqualTo(corrected ?? text));

    private static string Correct(string text) =>
        Encoding.UTF8.GetString(PrometheusNetText.Correct(Encoding.UTF8.GetBytes(text)).Span);
}
