namespace Orchestrator.Metrics.Exporter.Tests;

internal sealed class SuggestionTests
{
    [TestCase("valeus", "values")]
    [TestCase("value", "values")]
    [TestCase("VALUES", "values")]
    [TestCase("key-labels", "key_labels")]
    [TestCase("hel", "help")]
    [TestCase("something", null)]
    [TestCase("", null)]
    public void Closest_name_is_suggested(string name, string? expected) => Assert.That(
        Suggestion.Find(name, ["help", "key_labels", "value_label", "values"]), Is.EqualTo(expected));
}
