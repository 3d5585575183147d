using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.DependencyInjection;

internal sealed class OperationalOptionsBinding(IConfiguration? configuration)
    : IPostConfigureOptions<OperationalMetricsOptions>
{
    private const int MaxBuckets = 100;

    // PostgreSQL before 15 accepts at most 2^31 seconds in an interval.
    private const double LargestBound = 1_000_000_000;

    private static readonly TimeSpan MaxWindow = TimeSpan.FromDays(365);

    public void PostConfigure(string? name, OperationalMetricsOptions options)
    {
        var settings = new SettingsSection(configuration, SettingsSection.Operational);
        settings.ReadDuration(nameof(options.Window), value => options.Window = value);
        settings.ReadNumbers(nameof(options.Buckets), value => options.Buckets = value);
        settings.ThrowIfInvalid<OperationalMetricsOptions>(name, Validate(options));
    }

    private static IEnumerable<string> Validate(OperationalMetricsOptions options)
    {
        if (options.Window < TimeSpan.FromSeconds(1) || options.Window > MaxWindow
            || options.Window.Ticks % TimeSpan.TicksPerSecond != 0)
            yield return DescribeProblem(
                nameof(options.Window), options.Window.ToString(), "whole seconds, from 1 second to 365 days");
        var bounds = options.Buckets?.ToArray() ?? [];
        if (bounds.Length is 0 or > MaxBuckets)
            yield return DescribeProblem(
                nameof(options.Buckets), $"a list of {bounds.Length} bounds", $"a list of 1 to {MaxBuckets} bounds");
        else if (!bounds.All(bound => bound is > 0 and <= LargestBound)
            || bounds.Zip(bounds.Skip(1)).Any(pair => pair.First >= pair.Second))
            yield return DescribeProblem(
                nameof(options.Buckets), string.Join(", ", bounds.Select(NumberFormat.FormatGo)),
                "ascending bounds in seconds, above 0 and at most 1000000000; +Inf is added");
    }

    private static string DescribeProblem(string option, string value, string rule) =>
        $"{nameof(OperationalMetricsOptions)}.{option} is {value}; it must be {rule}.";
}
