using System.Globalization;

namespace Orchestrator.Metrics.Tests;

/// <summary>What OpenMetrics 1.0 demands of families beyond their syntax.</summary>
internal static class StrictOpenMetricsRules
{
    public static void Require(List<ReadFamily> families, Dictionary<string, string[]> suffixes)
    {
        var names = new HashSet<string>();
        foreach (var family in families)
        {
            foreach (var name in suffixes[family.Type].Append("").Distinct())
                Rule(names.Add(family.Name + name), family, $"the name with '{name}' is taken");
            Rule(
                family.Unit.Length == 0 || family.Name.EndsWith("_" + family.Unit, StringComparison.Ordinal),
                family, "unit");
            Rule(family.Unit.Length == 0 || family.Type is not ("info" or "stateset"), family, "unit of this type");

            string? group = null;
            double? timestamp = null;
            var groups = new HashSet<string>();
            var seen = new HashSet<string>();
            foreach (var sample in family.Samples)
            {
                Rule(
                    suffixes[family.Type].Any(suffix => sample.Name == family.Name + suffix),
                    family, $"sample {sample.Name}");
                Rule(
                    seen.Add($"{sample.Name} {Key(sample.Labels)} {sample.Timestamp:R}"),
                    family, $"duplicate {sample}");
                RequireSample(family, sample, sample.Name[family.Name.Length..]);

                var its = Key(sample.Labels.Where(label => label.Key != OwnLabel(family, sample)));
                if (its == group)
                    Rule(sample.Timestamp == timestamp || sample.Timestamp > timestamp, family, "timestamps go back");
                else
                    Rule(groups.Add(its), family, "samples of a metric stand apart");
                (group, timestamp) = (its, sample.Timestamp);
            }

            if (family.Type is "histogram" or "gaugehistogram")
                RequireHistograms(family);
        }
    }

    private static void RequireSample(ReadFamily family, ReadSample sample, string suffix)
    {
        Rule(
            sample.Exemplar is null || suffix is "_bucket" || (suffix is "_total" && family.Type == "counter"),
            family, "an exemplar where there can be none");
        if (suffix is "_total" or "_count" or "_bucket" or "_gcount" or "_sum")
            Rule(sample.Value >= 0, family, $"{sample} is negative or NaN");
        if (suffix is "_gsum")
            Rule(!double.IsNaN(sample.Value), family, $"{sample} is NaN");
        if (suffix is "_count" or "_bucket" or "_gcount")
            Rule(
                sample.Value == Math.Floor(sample.Value) && double.IsFinite(sample.Value),
                family, $"{sample} is not whole");
        if (family.Type == "info")
            Rule(sample.Value == 1, family, "an info is 1");
        if (family.Type == "stateset")
        {
            Rule(sample.Value is 0 or 1, family, "a state is 0 or 1");
            Rule(sample[family.Name] is not null, family, "a state without its label");
        }

        if (family.Type == "summary" && suffix.Length == 0)
        {
            var quantile = double.Parse(sample["quantile"] ?? "NaN", CultureInfo.InvariantCulture);
            Rule(quantile is >= 0 and <= 1, family, "quantile");
            Rule(!(sample.Value < 0), family, "the value of a quantile");
        }
    }

    private static void RequireHistograms(ReadFamily family)
    {
        foreach (var metric in family.Samples.GroupBy(sample =>
            (Key(sample.Labels.Where(label => label.Key != OwnLabel(family, sample))), sample.Timestamp)))
        {
            var buckets = metric.Where(sample => sample.Name == family.Name + "_bucket").ToArray();
            var bounds = Array.ConvertAll(buckets, bucket => Bound(bucket["le"]));
            Rule(buckets.Length > 0 && double.IsPositiveInfinity(bounds[^1]), family, "no bucket +Inf");
            for (var i = 1; i < buckets.Length; i++)
                Rule(
                    bounds[i] > bounds[i - 1] && buckets[i].Value >= buckets[i - 1].Value,
                    family, "buckets do not ascend");

            var prefix = family.Type == "histogram" ? "_" : "_g";
            var count = metric.SingleOrDefault(sample => sample.Name == $"{family.Name}{prefix}count");
            var sum = metric.SingleOrDefault(sample => sample.Name == $"{family.Name}{prefix}sum");
            Rule((count is null) == (sum is null), family, "count without sum or sum without count");
            Rule(count is null || count.Value == buckets[^1].Value, family, "count is not that of the last bucket");
            Rule(sum is null || bounds[0] >= 0 || prefix == "_g", family, "a sum beside a negative bound");
            Rule(sum is null || sum.Value >= 0 || bounds[0] < 0, family, "a negative sum without a negative bound");
        }
    }

    private static double Bound(string? le) => le == "+Inf"
        ? double.PositiveInfinity
        : double.Parse(le ?? "", NumberStyles.Float, CultureInfo.InvariantCulture) is var bound
            && double.IsFinite(bound)
            ? bound
            : throw new FormatException($"The bound '{le}' is not spelled as it must be.");

    private static string? OwnLabel(ReadFamily family, ReadSample sample) => family.Type switch
    {
        "histogram" or "gaugehistogram" when sample.Name.EndsWith("_bucket", StringComparison.Ordinal) => "le",
        "summary" when sample.Name == family.Name => "quantile",
        "stateset" => family.Name,
        _ => null,
    };

    private static string Key(IEnumerable<KeyValuePair<string, string>> labels) => string.Concat(labels
        .OrderBy(label => label.Key, StringComparer.Ordinal)
        .Select(label => $"{label.Key.Length}:{label.Key}={label.Value.Length}:{label.Value};"));

    private static void Rule(bool holds, ReadFamily family, string what)
    {
        if (!holds)
            throw new FormatException($"Family '{family.Name}' of type {family.Type}: {what}.");
    }
}
