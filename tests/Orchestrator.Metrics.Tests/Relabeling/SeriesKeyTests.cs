namespace Orchestrator.Metrics.Tests.Relabeling;

public class SeriesKeyTests
{
    [Test]
    public void Keys_with_the_same_label_names_and_different_values_have_different_hash_codes()
    {
        var hashCodes = Enumerable.Range(0, 1_000).Select(i =>
            new SeriesKey(SampleSuffix.Main, [], [new("version", $"1.{i}"), new("zone", "north")]).GetHashCode());

        // Two of a thousand random hash codes are equal with a probability of 1 in 8,600.
        Assert.That(hashCodes.Distinct().Count(), Is.GreaterThan(990));
    }
}
