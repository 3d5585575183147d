using Orchestrator.Metrics.Exporter.Web;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

internal sealed class BearerTokensTests
{
    private const string First = "0123456789abcdef";
    private const string Second = "ZYX-._~+/ZYXZYX=";

    [Test]
    public void Each_line_is_a_token()
    {
        var tokens = BearerTokens.Parse("tokens", $"\n  {First}\r\n\n{Second}");

        Assert.That(new[] { First, Second, "", First[..^1], First + "0", First.ToUpperInvariant() }.Select(tokens.Contains),
            Is.EqualTo(new[] { true, true, false, false, false, false }));
    }

    [TestCase("", "tokens: The file contains no token. Write one per line.")]
    [TestCase(" \n\n", "tokens: The file contains no token. Write one per line.")]
    [TestCase(First + "\nBearer " + Second, "tokens:2: The line is not a token. Write only the token, without \"Bearer\".")]
    [TestCase("S3cret", "tokens:1: The token is shorter than 16 characters. Use a longer one.")]
    public void Error_for_an_invalid_file_does_not_contain_the_token(string text, string error) =>
        Assert.That(Assert.Throws<ConfigurationException>(() => BearerTokens.Parse("tokens", text))!.Message, Is.EqualTo(error));
}
