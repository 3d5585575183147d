namespace Orchestrator.Metrics.Tests.Model;

public class ExemplarTests
{
    private const string Name = "trace_id";

    private static readonly int MaxValueLength = 128 - Name.Length;

    [Test]
    public void Exemplar_labels_have_at_most_128_characters_in_total()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => CreateExemplar(new string('x', MaxValueLength)), Throws.Nothing);
            Assert.That(
                () => CreateExemplar(new string('x', MaxValueLength + 1)),
                Throws.ArgumentException.With.Message.Contains(
                    "have 129 characters in total. OpenMetrics allows at most 128"));
        });
    }

    [Test]
    public void Character_outside_the_Basic_Multilingual_Plane_counts_once()
    {
        var full = string.Concat(Enumerable.Repeat("😀", MaxValueLength));
        Assert.Multiple(() =>
        {
            Assert.That(() => CreateExemplar(full), Throws.Nothing);
            Assert.That(() => CreateExemplar(full + "x"), Throws.ArgumentException.With.Message.Contains("129"));
        });
    }

    [Test]
    public void Exemplar_limit_counts_the_names_and_values_of_all_labels()
    {
        KeyValuePair<string, string>[] labels = [new("a", new string('x', 63)), new("b", new string('y', 63))];
        Assert.Multiple(() =>
        {
            Assert.That(() => new Exemplar(1, labels), Throws.Nothing);
            Assert.That(() => new Exemplar(1, [.. labels, new("c", "")]), Throws.ArgumentException);
        });
    }

    [Test]
    public void Escaped_characters_count_once() =>
        Assert.That(() => CreateExemplar(new string('"', MaxValueLength)), Throws.Nothing);

    [TestCase("b-d", "'b-d' is not a valid label")]
    [TestCase("", "'' is not a valid label")]
    [TestCase("über", "'über' is not a valid label")]
    [TestCase("__x", "Label '__x'")]
    public void Invalid_label_name_is_rejected_with_a_message_about_exemplars(string name, string message) =>
        Assert.That(
            () => new Exemplar(1, [new(name, "v")]),
            Throws.ArgumentException.With.Message.Contains(message)
                .And.Message.Contains("an exemplar").And.Message.Not.Contains("metric family")
                .And.Message.Not.Contains("MetricFamily"));

    [Test]
    public void Null_and_duplicate_labels_are_rejected()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => new Exemplar(1, null!), Throws.ArgumentNullException);
            Assert.That(
                () => new Exemplar(1, [new("a", null!)]),
                Throws.ArgumentException.With.Message.Contains("Label 'a' of an exemplar is null"));
            Assert.That(
                () => new Exemplar(1, [new("a", "1"), new("b", "2"), new("a", "3")]),
                Throws.ArgumentException.With.Message.Contains("Label 'a' of an exemplar occurs twice"));
        });
    }

    [Test]
    public void Labels_are_sorted_by_name() =>
        Assert.That(
            new Exemplar(1, [new("b", "1"), new("a", "2"), new("B", "3")]).Labels.Select(label => label.Key),
            Is.EqualTo(new[] { "B", "a", "b" }));

    private static Exemplar CreateExemplar(string value) => new(1, [new(Name, value)]);
}
