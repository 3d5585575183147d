using System.Globalization;
using Orchestrator.Metrics.Tests.Exposition;

namespace Orchestrator.Metrics.Tests.Model;

public class MetricSampleTests
{
    private static readonly DateTimeOffset Time = DateTimeOffset.FromUnixTimeSeconds(12);

    private static readonly Exemplar Trace = new(0.5, [new("trace_id", "4bf9"), new("a", "1")], Time);

    [Test]
    public void Samples_of_every_type_equal_those_in_OpenMetrics()
    {
        foreach (var family in AllTypes.CreateSnapshot().Families)
        {
            var read = ReadFamily.Parse(
                ExpositionText.Of(ExpositionFormat.OpenMetrics.WithEscaping(EscapingScheme.AllowUtf8), family));
            Assert.That(
                family.Samples.Select(sample => ReadSample.Create(sample).ToString()),
                Is.EqualTo(read.SelectMany(section => section.Samples).Select(sample => sample.ToString())));
        }
    }

    [Test]
    public void Sample_names_include_the_suffix()
    {
        var histogram = MetricFamily.Histogram("lag", "");
        histogram.Add(MetricPoint.Histogram([new(double.PositiveInfinity, 2)], sum: 3, created: Time));
        var counter = MetricFamily.Counter("jobs", "");
        counter.Add(1);
        var info = MetricFamily.Info("build", "");
        info.Add(MetricPoint.Info([]));

        Assert.That(
            new[] { histogram, counter, info }.SelectMany(family => family.Samples).Select(sample => sample.Name),
            Is.EqualTo(new[] { "lag_bucket", "lag_count", "lag_sum", "lag_created", "jobs_total", "build_info" }));
    }

    [TestCase("# TYPE jobs counter\njobs 1\n", "jobs")]
    [TestCase("# TYPE jobs_total counter\njobs_total 1\n", "jobs_total")]
    [TestCase("# TYPE jobs counter\njobs_total 1\njobs_created 2\n# EOF\n", "jobs_total jobs_created")]
    [TestCase("jobs_info 1\n", "jobs_info")]
    [TestCase("# TYPE lag histogram\nlag_bucket{le=\"+Inf\"} 1\nlag_sum -1\n", "lag_bucket lag_sum")]
    public void Sample_names_of_another_library_equal_those_in_its_text(string text, string names) => Assert.That(
        MetricsSnapshot.Parse(text).Families.SelectMany(family => family.Samples).Select(sample => sample.Name),
        Is.EqualTo(names.Split(' ')));

    [Test]
    public void Sample_has_labels_value_timestamp_and_exemplar()
    {
        var family = MetricFamily.Counter("jobs", "", "b", "a");
        family.Add(MetricPoint.Counter(3, exemplar: Trace, timestamp: Time), "1", "2");
        family.Add(4, "x", "y");
        var samples = family.Samples.ToArray();

        Assert.Multiple(() =>
        {
            Assert.That(samples[0].Labels, Is.EqualTo(new KeyValuePair<string, string>[] { new("a", "2"), new("b", "1") }));
            Assert.That(samples[0].Value, Is.EqualTo(3));
            Assert.That(samples[0].TimestampSeconds, Is.EqualTo(12));
            Assert.That(samples[0].Exemplar, Is.SameAs(Trace));
            Assert.That(samples[0].ToString(), Is.EqualTo("jobs_total{a=\"2\",b=\"1\"} 3.0 @12"));
            Assert.That(samples[1].TimestampSeconds, Is.Null);
            Assert.That(samples[1].Exemplar, Is.Null);
            Assert.That(samples[1].ToString(), Is.EqualTo("jobs_total{a=\"y\",b=\"x\"} 4.0"));
        });
    }

    [Test]
    public void Exemplar_has_labels_and_a_timestamp()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Trace.Labels["trace_id"], Is.EqualTo("4bf9"));
            Assert.That(Trace.TimestampSeconds, Is.EqualTo(12));
            Assert.That(new Exemplar(1, []).TimestampSeconds, Is.Null);
        });
    }

    [Test]
    public void Labels_are_found_by_name()
    {
        var labels = CreateLabels("high");

        Assert.Multiple(() =>
        {
            Assert.That(labels["priority"], Is.EqualTo("high"));
            Assert.That(labels.TryGetValue("priority", out var value), Is.True);
            Assert.That(value, Is.EqualTo("high"));
            Assert.That(labels.TryGetValue("Priority", out value), Is.False);
            Assert.That(value, Is.Null);
            Assert.That(
                () => labels["zone"],
                Throws.InstanceOf<KeyNotFoundException>().With.Message.EqualTo(
                    "Label 'zone' is missing. The labels are {priority=\"high\"}."));
            Assert.That(() => labels[null!], Throws.ArgumentNullException);
        });
    }

    [Test]
    public void Label_missing_from_a_sample_is_not_counted()
    {
        var family = MetricFamily.Summary("size", "", "zone");
        family.Add(MetricPoint.Summary(1, 1, [new(0.5, 1)]), "a");

        Assert.That(family.Samples.Select(sample => sample.Labels.Count), Is.EqualTo(new[] { 2, 1, 1 }));
    }

    [Test]
    public void Default_labels_are_empty() => Assert.Multiple(() =>
    {
        Assert.That(default(LabelSet).Count, Is.Zero);
        Assert.That(default(LabelSet).TryGetValue("a", out _), Is.False);
    });

    [Test]
    public void Samples_and_labels_are_enumerated_without_allocating()
    {
        var family = MetricFamily.Histogram("lag", "", "n", "zone");
        for (var i = 0; i < 1_000; i++)
            family.Add(
                MetricPoint.Histogram([new(1, 1, Trace), new(double.PositiveInfinity, 2)], sum: 3, timestamp: Time),
                i.ToString(CultureInfo.InvariantCulture), "north");
        Read(family.Samples.GetEnumerator());
        var samples = family.Samples.GetEnumerator();
        samples.MoveNext();

        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = Read(samples);

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(read, Is.EqualTo(3_999 + 999), "all samples and exemplars after the first");

        static int Read(IEnumerator<MetricSample> samples)
        {
            var read = 0;
            while (samples.MoveNext())
            {
                var sample = samples.Current;
                foreach (var label in sample.Labels)
                    read += label.Value.Length > 0 ? 0 : 1;
                read += sample.Labels.TryGetValue("zone", out _) && sample.TimestampSeconds == 12 ? 1 : 0;
                read += sample.Exemplar?.Labels.Count > 1 ? 1 : 0;
            }

            return read;
        }
    }

    private static LabelSet CreateLabels(string priority)
    {
        var family = MetricFamily.Gauge("jobs", "", "priority");
        family.Add(1, priority);
        return family.Samples.Single().Labels;
    }
}
