using System.Text;
using Orchestrator.Metrics.Model;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition;

/// <summary>
/// The samples under one <c># HELP</c> and <c># TYPE</c>. In OpenMetrics, a family is one section. In Prometheus text,
/// its <c>_created</c>, <c>_gcount</c> and <c>_gsum</c> samples follow as sections of type gauge.
/// </summary>
internal sealed record ExpositionSection(MetricFamily Family, SampleSuffix Samples, string NameSuffix, string TypeName)
{
    private const SampleSuffix OwnSectionInText =
        SampleSuffix.Created | SampleSuffix.GaugeCount | SampleSuffix.GaugeSum;

    public static IEnumerable<ExpositionSection> Split(MetricFamily family, SampleSuffix samples, bool openMetrics)
    {
        if (openMetrics)
        {
            yield return new(family, samples, "", MetricTypeNames.GetOpenMetricsName(family.OpenMetricsType));
            yield break;
        }

        yield return new(
            family, samples & ~OwnSectionInText, SampleSuffix.Main.GetText(family.OpenMetricsType),
            MetricTypeNames.GetTextName(family.Type));
        foreach (var suffix in SampleSuffixes.Each)
        {
            if ((suffix & OwnSectionInText & samples & family.Store.Suffixes) != 0)
                yield return new(family, suffix, suffix.GetText(family.OpenMetricsType),
                    MetricTypeNames.GetTextName(MetricType.Gauge));
        }
    }

    public void WriteHeader(ref Utf8Output output, ExpositionFormat format)
    {
        var name = Encoding.UTF8.GetBytes(FormatName(NameSuffix, format.Escaping));
        output.Write("# HELP "u8);
        output.Write(name);
        output.Write(" "u8);
        if (format.IsOpenMetrics)
            output.WriteQuoted(Family.Help);
        else
            output.WriteUnquoted(Family.Help);
        output.Write("\n# TYPE "u8);
        output.Write(name);
        output.Write(" "u8);
        output.WriteQuoted(TypeName);
        if (format.IsOpenMetrics && Family.Unit.Length > 0)
        {
            output.Write("\n# UNIT "u8);
            output.Write(name);
            output.Write(" "u8);
            output.WriteQuoted(EscapedName.EscapeUnit(Family.Unit, Family.Name, format.Escaping));
        }

        output.Write("\n"u8);
    }

    public string FormatName(string suffix, EscapingScheme escaping) =>
        QuoteIfNeeded(EscapedName.EscapeMetricName(Family.Name, escaping) + suffix, MetricNames.IsLegacyMetricName);

    public static string FormatLabelName(string name, EscapingScheme escaping) =>
        QuoteIfNeeded(EscapedName.EscapeLabelName(name, escaping), MetricNames.IsLegacyLabelName);

    private static string QuoteIfNeeded(string name, Func<string, bool> isLegacy)
    {
        if (isLegacy(name))
            return name;
        var buffer = new byte[name.Length * EscapedText.MaxBytesPerChar];
        return $"\"{Encoding.UTF8.GetString(buffer, 0, EscapedText.WriteQuoted(name, buffer))}\"";
    }
}
