namespace Orchestrator.Metrics.Tests.Model;

public class PreviousFamilyTests
{
    private static readonly LabelNames[] Names =
        [new LabelNames("site"), new LabelNames("site", "zone"), new LabelNames("a", "z")];

    [Test]
    public void Samples_do_not_depend_on_the_previous_family([Range(1, 40)] int seed)
    {
        var random = new Random(seed);
        var type = seed % 2 == 0 ? MetricType.Histogram : MetricType.Counter;
        MetricFamily? previous = null;
        var points = CreatePoints(random);
        for (var scrape = 0; scrape < 12; scrape++)
        {
            Change(points, random);
            var before = previous is null ? "" : Write(previous);

            var shared = Build(type, points, previous);

            Assert.That(Write(shared), Is.EqualTo(Write(Build(type, points, null))));
            if (previous is not null)
                Assert.That(Write(previous), Is.EqualTo(before));
            previous = shared;
        }
    }

    [Test]
    public void Equal_labels_are_stored_once()
    {
        var points = CreatePoints(new Random(1));
        var first = Build(MetricType.Histogram, points, null);

        var second = Build(MetricType.Histogram, points, first);

        Assert.That(
            second.Store.Chunks.Select(chunk => chunk.LabelValues),
            Is.EqualTo(first.Store.Chunks.Select(chunk => chunk.LabelValues)).Using<string?[]>(ReferenceEquals));
    }

    [Test]
    public void Sample_with_fewer_labels_has_no_label_of_the_previous_family()
    {
        var names = new LabelNames("site", "zone");
        var previous = new MetricFamilyBuilder(MetricType.Gauge, "acme_x")
            .AddValue(1, names, ["a", "b"]).AddValue(2, names, ["c", "d"]).Build();

        var family = new MetricFamilyBuilder(MetricType.Gauge, "acme_x", previous: previous)
            .AddValue(1, names, ["a", "b"]).AddSample("acme_x", 3, [new("site", "e")]).Build();

        Assert.That(Write(family), Does.EndWith(
            "acme_x{site=\"a\",zone=\"b\"} 1.0\nacme_x{site=\"e\"} 3.0\n# EOF\n"));
    }

    [Test]
    public void Previous_family_of_another_type_is_ignored()
    {
        var points = CreatePoints(new Random(1));
        var counter = Build(MetricType.Counter, points, null);

        var histogram = Build(MetricType.Histogram, points, counter);

        Assert.That(histogram.Store.Chunks[0].LabelValues, Is.Not.SameAs(counter.Store.Chunks[0].LabelValues));
    }

    private static List<Point> CreatePoints(Random random) =>
        [.. Enumerable.Range(0, 60).Select(i => new Point(Names[random.Next(2)], i, random.Next(9), false))];

    private static void Change(List<Point> points, Random random)
    {
        for (var i = 0; i < points.Count; i++)
            points[i] = points[i] with { Value = random.Next(1000), HasExemplar = random.Next(50) == 0 };
        var place = random.Next(points.Count);
        switch (random.Next(6))
        {
            case 0:
                points.Insert(place, new(Names[random.Next(2)], 1000 + random.Next(100_000), 1, false));
                break;
            case 1:
                points.RemoveAt(place);
                break;
            case 2:
                points.Reverse(place, Math.Min(2, points.Count - place));
                break;
            case 3:
                points[place] = points[place] with { Names = Names[2] };
                break;
        }
    }

    private static MetricFamily Build(MetricType type, List<Point> points, MetricFamily? previous)
    {
        var builder = new MetricFamilyBuilder(type, "acme_x", "Help.", previous: previous);
        foreach (var (names, id, value, hasExemplar) in points)
        {
            string[] labels = [.. Enumerable.Range(0, names.Names.Length).Select(i => $"{i}-{id}")];
            var exemplar = hasExemplar ? new Exemplar(value, [new("trace_id", $"{id}")]) : null;
            if (type == MetricType.Counter)
                builder.AddValue(value, names, labels, DateTimeOffset.UnixEpoch, exemplar);
            else
                builder.AddHistogram(
                    [new(1, value, exemplar), new(2.5, value + 1), new(double.PositiveInfinity, value + 2)],
                    value, names, labels);
        }

        return builder.Build();
    }

    private static string Write(MetricFamily family) => ExpositionText.Of(ExpositionFormat.OpenMetrics, family);

    private sealed record Point(LabelNames Names, int Id, int Value, bool HasExemplar);
}
