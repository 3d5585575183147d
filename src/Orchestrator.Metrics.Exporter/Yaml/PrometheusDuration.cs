using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>
/// Parses durations in the Prometheus format: integers with the units y (365 days), w, d, h, m, s and ms, each at most
/// once and in this order, such as <c>1h30m</c>; or <c>0</c> (prometheus/common, <c>model.ParseDuration</c>).
/// </summary>
internal static partial class PrometheusDuration
{
    private static readonly (string Unit, TimeSpan Length)[] Units =
    [
        ("y", TimeSpan.FromDays(365)), ("w", TimeSpan.FromDays(7)), ("d", TimeSpan.FromDays(1)),
        ("h", TimeSpan.FromHours(1)), ("m", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)),
        ("ms", TimeSpan.FromMilliseconds(1)),
    ];

    public static bool TryParse(string? text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text == "0")
            return true;
        if (string.IsNullOrEmpty(text) || Pattern().Match(text) is not { Success: true } match)
            return false;
        try
        {
            foreach (var (unit, length) in Units)
            {
                if (match.Groups[unit] is { Success: true } digits)
                    duration += TimeSpan.FromTicks(
                        checked(length.Ticks * long.Parse(digits.ValueSpan, CultureInfo.InvariantCulture)));
            }

            return true;
        }
        catch (OverflowException)
        {
            return false;
        }
    }

    [GeneratedRegex(
        "^(?:(?<y>[0-9]+)y)?(?:(?<w>[0-9]+)w)?(?:(?<d>[0-9]+)d)?(?:(?<h>[0-9]+)h)?(?:(?<m>[0-9]+)m)?" +
        "(?:(?<s>[0-9]+)s)?(?:(?<ms>[0-9]+)ms)?\\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Pattern();
}
