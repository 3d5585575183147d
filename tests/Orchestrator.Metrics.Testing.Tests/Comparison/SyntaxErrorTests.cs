namespace Orchestrator.Metrics.Tests.Comparison;

/// <summary>An expected text that cannot be read says where, and is never simply different.</summary>
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
        "acme_a{b=\"C:\\temp\"} 1",
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
    public void The_messages_say_where_and_why() => Snapshot.Matches(
        string.Concat(Texts.Select(text => Message(text) + "\n\n")));

    [Test]
    public void The_line_and_the_column_are_those_of_the_text() => Assert.That(
        Message("# HELP acme_a A.\n\nacme_a 1\nacme_a{b=\"1\", c=2} 3\n"), Does.Contain("Line 4, column 17: "));

    private static string Message(string expected) => Assert.Throws<MetricsAssertionException>(
        () => new MetricsSnapshot([]).AssertEqual(expected), expected)!.Message;
}
