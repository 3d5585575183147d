using static Orchestrator.Metrics.Tests.Relabeling.RelabeledExposition;

namespace Orchestrator.Metrics.Tests.Relabeling;

public class ExemplarRelabelerTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeSeconds(5);

    [TestCase("user", Description = "the series lose the label, too")]
    [TestCase("site", Description = "the family lacks the label")]
    public async Task Dropped_label_is_removed_from_exemplars(string familyLabel)
    {
        var exposition = await GetExpositionAsync(
            options => options.DropLabels = ["user"],
            CreateCounter(familyLabel, new("trace_id", "1"), new("user", "ada")),
            CreateHistogram(familyLabel, new("trace_id", "1"), new("user", "ada")));

        Assert.That(exposition, Does.Contain(" 1.0 # {trace_id=\"1\"} 0.5 5.0\n"));
        Assert.That(exposition, Does.Contain("le=\"1.0\"").And.Contain(" 2.0 # {trace_id=\"1\"} 0.5 5.0\n"));
        Assert.That(exposition, Does.Not.Contain("ada"));
    }

    [Test]
    public async Task Hashed_label_has_the_same_pseudonym_in_series_and_exemplars()
    {
        Assert.That(
            await GetExpositionAsync(
                options =>
                {
                    options.HashLabels = ["user"];
                    options.MapLabel("user", value => value.ToLowerInvariant());
                },
                CreateCounter("user", new("trace_id", "1"), new("user", "Ada"))),
            Does.Contain("\nhits_total{user=\"5ee81a466b0f5716\"} 1.0 # " +
                "{trace_id=\"1\",user=\"5ee81a466b0f5716\"} 0.5 5.0\n"));
        Assert.That(
            await GetExpositionAsync(
                options => options.MapLabel("user", value => value[..1]),
                CreateCounter("site", new KeyValuePair<string, string>("user", "Ada"))),
            Does.Contain("\nhits_total{site=\"Ada\"} 1.0 # {user=\"A\"} 0.5 5.0\n"));
    }

    [Test]
    public async Task UTF_8_label_applies_to_the_legacy_name_of_an_exemplar()
    {
        Assert.That(
            await GetExpositionAsync(
                options => options.DropLabels = ["user.name"],
                CreateCounter("site", new("user_name", "ada"), new("user_id", "7"))),
            Does.Contain(" # {user_id=\"7\"} 0.5 5.0\n"));
    }

    [Test]
    public async Task Exemplar_whose_hashed_labels_are_too_long_is_omitted()
    {
        Assert.That(
            await GetExpositionAsync(
                options => options.HashLabels = ["user"],
                CreateCounter("site", new("path", new string('x', 118)), new("user", "ab"))),
            Does.Contain("\nhits_total{site=\"Ada\"} 1.0\n"));
    }

    [TestCase("ada", "bob", Description = "two histograms are summed")]
    [TestCase("same", "same")]
    [TestCase("same", null)]
    public void Labels_of_the_exemplars_of_native_histograms_are_dropped(string first, string? second)
    {
        var family = MetricFamily.Histogram("jobs", "", "user");
        foreach (var user in new[] { first, second }.OfType<string>())
            family.Add(MetricPoint.NativeHistogram(CreateNative(user)), user);

        foreach (var label in new[] { "user", "id" })
        {
            var policy = new LabelPolicy(new CollectorOptions { Name = "x", DropLabels = [label] });
            var exemplars = policy.Drop([family]).Single().Samples
                .SelectMany(sample => sample.NativeHistogram?.Exemplars ?? []).ToArray();

            Assert.That(exemplars, Is.Not.Empty);
            foreach (var exemplar in exemplars)
            {
                Assert.That(exemplar.Labels.Select(pair => pair.Key), Is.EquivalentTo(
                    label == "user" ? new[] { "id" } : ["user"]));
                Assert.That((exemplar.Value, exemplar.TimestampSeconds), Is.EqualTo((1.5, 5.0)));
            }
        }

        static NativeHistogram CreateNative(string user) => new(
            0, 150.5, new Dictionary<int, long> { [1] = 99 }, zeroCount: 1,
            exemplars: [new Exemplar(1.5, [new("id", "1"), new("user", user)], Time)]);
    }

    [Test]
    public void Family_without_a_changed_exemplar_is_not_copied()
    {
        var family = CreateHistogram("site", new KeyValuePair<string, string>("trace_id", "1"));
        family.MakeReadOnly();
        var policy = new LabelPolicy(new CollectorOptions { Name = "x", DropLabels = ["user"] });

        Assert.That(policy.Drop([family]).Single(), Is.SameAs(family));
    }

    private static MetricFamily CreateCounter(string label, params KeyValuePair<string, string>[] labels)
    {
        var counter = MetricFamily.Counter("hits", "Hits.", label);
        counter.Add(MetricPoint.Counter(1, exemplar: new Exemplar(0.5, labels, Time)), "Ada");
        return counter;
    }

    private static MetricFamily CreateHistogram(string label, params KeyValuePair<string, string>[] labels)
    {
        var histogram = MetricFamily.Histogram("seconds", "Times.", label);
        histogram.Add(
            MetricPoint.Histogram([new(1, 2, new Exemplar(0.5, labels, Time)), new(double.PositiveInfinity, 3)]), "a");
        return histogram;
    }
}
