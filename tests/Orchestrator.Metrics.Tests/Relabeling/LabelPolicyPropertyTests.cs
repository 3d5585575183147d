using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using static Orchestrator.Metrics.Tests.Relabeling.RelabeledExposition;

namespace Orchestrator.Metrics.Tests.Relabeling;

/// <summary>Generated families whose labels are dropped and hashed, compared with a plain implementation.</summary>
public class LabelPolicyPropertyTests
{
    private static readonly string[] Names = ["one", "two"];

    private static readonly Gen<Source[]> Sources = Gen.Select(
        Gen.OneOf("", "a", "é").Array[Names.Length], Gen.Int[0, 1000], Gen.Int[1, 4].Array[0, 3], Gen.Int[0, 5], Gen.Bool,
        (labels, count, bounds, created, hasSum) => new Source(labels, count, bounds, created, hasSum)).Array[0, 12]
        .Select(sources => sources.Select((source, i) => source with { Index = i }).ToArray());

    private static readonly Gen<CollectorOptions> Options = Gen.Select(
        Gen.OneOf(Names).Array[0, 2], Gen.OneOf(Names).Array[0, 2], Gen.Bool, (dropped, hashed, adds) =>
            new CollectorOptions
            {
                Name = "x",

                // Without a change of labels, duplicate series are kept.
                DropLabels = dropped.Length + hashed.Length == 0 ? ["one"] : dropped,
                HashLabels = hashed,
                AddLabels = adds ? new Dictionary<string, string> { ["added"] = "x" } : [],
                NamePrefix = adds ? "acme_" : "",
            });

    [Test]
    public void Relabeled_counters_equal_a_plain_sum() => Check(
        MetricType.Counter,
        source => MetricPoint.Counter(source.Count, source.CreatedAt, source.Exemplar),
        group =>
        [
            ("_total", group.Sum(source => source.Count), "", group[^1].Trace),
            .. GetCreated(group),
        ]);

    [Test]
    public void Relabeled_summaries_equal_a_plain_sum() => Check(
        MetricType.Summary,
        source => MetricPoint.Summary(source.Count, source.Count / 2.0, [new(0.5, source.Index)], source.CreatedAt),
        group =>
        [
            .. group.Length == 1 ? [("", (double)group[0].Index, "0.5", null)] : Array.Empty<Row>(),
            ("_count", group.Sum(source => source.Count), "", null),
            ("_sum", group.Sum(source => source.Count) / 2.0, "", null),
            .. GetCreated(group),
        ]);

    [Test]
    public void Relabeled_histograms_equal_a_plain_sum() => Check(
        MetricType.Histogram,
        source => MetricPoint.Histogram(source.Buckets, source.HasSum ? source.Count : null, source.CreatedAt),
        group => [.. GetBuckets(group), .. GetTotals(group, "_count", "_sum"), .. GetCreated(group)]);

    [Test]
    public void Relabeled_gauge_histograms_equal_a_plain_sum() => Check(
        MetricType.GaugeHistogram,
        source => MetricPoint.GaugeHistogram(source.Buckets, source.HasSum ? source.Count : null),
        group => [.. GetBuckets(group), .. GetTotals(group, "_gcount", "_gsum")]);

    private static void Check(
        MetricType type, Func<Source, MetricPoint> point, Func<Source[], IEnumerable<Row>> expected) =>
        Gen.Select(Sources, Options).Sample((sources, options) =>
        {
            var family = MetricFamily.Create(type, "jobs", "", Names);
            foreach (var source in sources)
                family.Add(point(source), source.Labels);
            family.MakeReadOnly();
            var policy = new LabelPolicy(options);
            var relabeled = policy.Apply(policy.Drop([family]), Key).Single();

            var rows = sources.GroupBy(source => FormatLabels(source, options)).SelectMany(group => expected([.. group])
                .Select(row => $"{options.NamePrefix}jobs{row.Suffix} {group.Key} {row.Own} {row.Value:R} {row.Trace}"));
            return relabeled.Samples.Select(Format).Order(StringComparer.Ordinal)
                .SequenceEqual(rows.Order(StringComparer.Ordinal));
        });

    private static IEnumerable<Row> GetCreated(Source[] group) =>
        group.Select(source => source.CreatedAt).Min() is { } earliest
            ? [("_created", earliest.ToUnixTimeSeconds(), "", null)]
            : [];

    private static IEnumerable<Row> GetBuckets(Source[] group) =>
        group.SelectMany(source => source.UpperBounds).Distinct().Select<double, Row>(bound => (
            "_bucket", group.Sum(source => source.CountUpTo(bound)),
            double.IsInfinity(bound) ? "+Inf" : bound.ToString("F1", CultureInfo.InvariantCulture),
            group.LastOrDefault(source => source.UpperBounds.Contains(bound))!.Trace));

    private static IEnumerable<Row> GetTotals(Source[] group, string count, string sum) =>
        group.All(source => source.HasSum)
            ? [
                (count, group.Sum(source => source.CountUpTo(double.PositiveInfinity)), "", null),
                (sum, group.Sum(source => source.Count), "", null),
            ]
            : [];

    private static string FormatLabels(Source source, CollectorOptions options) => string.Join(',', Names
        .Zip(source.Labels, (name, value) => (Name: name, Value: value))
        .Where(label => !options.DropLabels.Contains(label.Name))
        .Select(label => (
            label.Name, Value: options.HashLabels.Contains(label.Name) ? Hash(label.Value) : label.Value))
        .Concat(options.AddLabels.Select(label => (Name: label.Key, label.Value)))
        .OrderBy(label => label.Name, StringComparer.Ordinal).Select(label => $"{label.Name}={label.Value}"));

    private static string Hash(string value) => value.Length == 0
        ? ""
        : Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Key), Encoding.UTF8.GetBytes(value)))[..16];

    private static string Format(MetricSample sample)
    {
        var own = sample.Labels.TryGetValue("le", out var bound) ? bound
            : sample.Labels.TryGetValue("quantile", out var quantile) ? quantile : "";
        var labels = string.Join(',', sample.Labels.Where(label => label.Key is not ("le" or "quantile"))
            .Select(label => $"{label.Key}={label.Value}"));
        return $"{sample.Name} {labels} {own} {sample.Value:R} {sample.Exemplar?.Labels.Single().Value}";
    }

    private readonly record struct Row(string Suffix, double Value, string Own, string? Trace)
    {
        public static implicit operator Row((string Suffix, double Value, string Own, string? Trace) row) =>
            new(row.Suffix, row.Value, row.Own, row.Trace);
    }

    /// <summary>
    /// A generated series with at least one observation at each finite bound and an exemplar newer than those of
    /// earlier series.
    /// </summary>
    private sealed record Source(string[] Labels, int Count, int[] Observations, int CreatedSeconds, bool HasSum)
    {
        public int Index { get; init; }

        public string Trace => $"t{Index}";

        public Exemplar Exemplar => new(0.5, [new("trace", Trace)], DateTimeOffset.FromUnixTimeSeconds(Index));

        public DateTimeOffset? CreatedAt => CreatedSeconds == 0 ? null : DateTimeOffset.FromUnixTimeSeconds(CreatedSeconds);

        public double[] UpperBounds =>
            [.. Observations.Distinct().Order().Select(bound => (double)bound), double.PositiveInfinity];

        public IEnumerable<HistogramBucket> Buckets =>
            UpperBounds.Select(bound => new HistogramBucket(bound, CountUpTo(bound), Exemplar));

        public int CountUpTo(double bound) => Observations.Count(value => value <= bound);
    }
}
