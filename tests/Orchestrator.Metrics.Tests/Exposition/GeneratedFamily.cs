using System.Globalization;
using CsCheck;

namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>A family and the result that an OpenMetrics parser must return for it.</summary>
internal sealed record GeneratedFamily(MetricFamily Family, ReadFamily Expected)
{
    private const double Inf = double.PositiveInfinity;

    private static readonly string[] Labels = ["zone", "A", "_x", "aa"];

    private static readonly Gen<double> Values = Gen.OneOf(
        Gen.Double, Gen.Double[0, 1e7], Gen.Int.Select(value => (double)value),
        Gen.OneOf(0, -0.0, 1e6, 1e16, double.NaN, Inf, -Inf, double.Epsilon, double.MaxValue));

    // Whole milliseconds, because Prometheus text has no fractions of them. Not before 1970, because the parser of
    // prometheus_client loses the sign of -0.5.
    private static readonly Gen<DateTimeOffset?> Times = Gen.OneOf(
        Gen.Const<DateTimeOffset?>(() => null),
        Gen.Long[0, 4_000_000_000_000].Select(ms => (DateTimeOffset?)DateTimeOffset.FromUnixTimeMilliseconds(ms)));

    public static readonly Gen<GeneratedFamily[]> Several = Generate(HostileText.Any);

    public static Gen<GeneratedFamily[]> Generate(Gen<string> exemplarTexts)
    {
        var points = Gen.Select(
            Values, Gen.Int[0, 1_000_000].Array[0, 5], Gen.Double[-1e3, 1e9].Array[0, 5],
            HostileText.Any.Array[Labels.Length], HostileText.Any.Array[0, 3],
            Gen.Select(Times, Times, Gen.Bool), Gen.Select(Values, exemplarTexts, Times, Gen.Bool),
            (value, counts, bounds, labels, texts, times, exemplar) =>
                new Point(value, counts, bounds, labels, texts, times.Item1, times.Item2, times.Item3, exemplar));
        var one = Gen.Select(
            Gen.Enum<MetricType>(), HostileText.Any, Gen.OneOf("", "seconds", "bytes_per_second"),
            Gen.Int[0, Labels.Length], points.Array[0, 4], Create);
        return one.Array[0, 4].Select(families => families
            .Select((family, index) => family.Rename($"acme_{index.ToString(CultureInfo.InvariantCulture)}_x"))
            .ToArray());
    }

    private Func<string, GeneratedFamily> Rename { get; init; } = null!;

    public override string ToString() => ExpositionText.Of(ExpositionFormat.OpenMetrics, Family);

    private static GeneratedFamily Create(MetricType type, string help, string unit, int labels, Point[] points)
    {
        // The text parser of prometheus_client strips white space from help texts.
        help = help.Length > 0 ? $"[{help}]" : "";
        return Create("acme_x") with { Rename = Create };

        GeneratedFamily Create(string name)
        {
            var hasUnit = unit.Length > 0 && type is not (MetricType.Info or MetricType.StateSet);
            var names = Labels[..labels].Append("n").ToArray();
            var family = MetricFamily.Create(type, name, help, names, hasUnit ? unit : "");
            var expected = new ReadFamily(
                hasUnit ? $"{name}_{unit}" : name, type.ToString().ToLowerInvariant(),
                HostileText.ReplaceSurrogates(help), hasUnit ? unit : "", []);

            // The OpenMetrics parser of prometheus_client rejects an info if only some of its samples have a timestamp.
            var timed = type != MetricType.Info || points.Length == 0 || points[0].Time is not null;
            for (var i = 0; i < points.Length; i++)
            {
                var point = points[i] with { Time = timed ? points[i].Time ?? GetDefaultTime(type) : null };
                string[] values = [.. point.Labels[..labels], i.ToString(CultureInfo.InvariantCulture)];
                family.Add(point.Build(type), values);
                expected.Samples.AddRange(point.GetExpectedSamples(
                    expected.Name, type, [.. names.Zip(values, (label, value) => KeyValuePair.Create(label, value))]));
            }

            return new GeneratedFamily(family, expected);
        }

        static DateTimeOffset? GetDefaultTime(MetricType type) =>
            type == MetricType.Info ? DateTimeOffset.UnixEpoch : null;
    }
}
