namespace Orchestrator.Metrics.Tests.Comparison;

public class SyntaxErrorTests
{
    private static readonly string[] Texts =
    [
        "acme_a",
        "acme_a{b=\"1\"}",
        "acme_a one",
        "acme_a 1 now",
        "acme_a 1 1000 2",
        "acme_a 1,5",
        "acme_a 1 #",
        "acme_a 1 # {a=\"1\"}",
        "acme_a{b=\"1\" 1",
        "acme_a{b=\"1 2",
        "acme_a{b=1} 1",
        "acme_a{b='1'} 1",
        "acme_a{b} 1",
        "acme_a{=\"1\"} 1",
        "acme_a{\"b\"} 1",
        "acme_a{b=\"1\" c=\"2\"} 1",
        "acme_a{b=\"1\",b=\"2\"} 1",
        "acme_a{b=\"\\",
        "acme-a 1",
        "1acme 1",
        "{} 1",
        "{b=\"1\"} 1",
        "Grüße 1",
        "\0",
        "# HELP",
        "# TYPE 1a gauge",
        "# TYPE acme_a gauge\nacme_a 1\n# TYPE acme_a gauge",
        "# HELP acme_a A.\n# HELP acme_a B.",
        "<html><body>404</body></html>",
    ];

    [Test]
    public void Messages_state_the_line_and_the_cause() => Snapshot.AssertMatches(
        string.Concat(Texts.Select(text => GetMessage(text) + "\n\n")));

    [Test]
    public void Line_number_is_that_of_the_expected_text() => Assert.That(
        GetMessage("acme_a 1\n\n  # HELP acme_a A.\nacme_a{b=\"1\", c=2} 3\n"),
        Is.EqualTo(
            "Line 4 of the expected text is invalid. Expected '\"' before a value. Line: acme_a{b=\"1\", c=2} 3"));

    [Test]
    public void Conflict_between_lines_is_stated() => Assert.That(
        GetMessage("{\"a.b\"} 1\na_b 1"),
        Is.EqualTo(
            "The expected text is invalid. Metric families 'a.b' and 'a_b' write samples of the same name. Rename one " +
            "of them."));

    private static string GetMessage(string expected) => Assert.Throws<MetricsAssertionException>(
        () => new MetricsSnapshot([]).AssertEqual(expected), expected)!.Message;
}
