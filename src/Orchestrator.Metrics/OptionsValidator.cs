using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

/// <summary>Validates the options of a registry.</summary>
internal static class OptionsValidator
{
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    public const string PrefixRule = "letters, digits, underscores and colons, not starting with a digit";

    /// <exception cref="ArgumentException">An option is invalid; the message describes the first one.</exception>
    public static void ThrowIfInvalid(OrchestratorMetricsOptions options)
    {
        if (Validate(options).FirstOrDefault() is { } problem)
            throw new ArgumentException(problem, nameof(options));
    }

    /// <summary>Returns a message for each invalid option.</summary>
    public static IEnumerable<string> Validate(OrchestratorMetricsOptions options)
    {
        if (options.CollectorTimeout <= TimeSpan.Zero || options.CollectorTimeout > MaxTimeout)
            yield return Problem(
                nameof(options.CollectorTimeout), options.CollectorTimeout, "longer than zero and at most a day");
        if (!Enum.IsDefined(options.FailurePolicy))
            yield return Problem(
                nameof(options.FailurePolicy), options.FailurePolicy,
                $"{FailurePolicy.FailScrape} or {FailurePolicy.ReportAndContinue}");
        if (!IsPrefix(options.ScrapeMetricsPrefix))
            yield return Problem(
                nameof(options.ScrapeMetricsPrefix), $"'{options.ScrapeMetricsPrefix}'",
                $"the start of a metric name: {PrefixRule}");
        if (options.MaxConcurrentCollectors < 1)
            yield return Problem(
                nameof(options.MaxConcurrentCollectors), options.MaxConcurrentCollectors, "at least 1");
        if (options.MaxSamplesPerCollector < 1)
            yield return Problem(nameof(options.MaxSamplesPerCollector), options.MaxSamplesPerCollector, "at least 1");
    }

    /// <summary>Whether a metric name may start with this string.</summary>
    public static bool IsPrefix(string? text) => text is not null && MetricNames.IsLegacyMetricName(text);

    private static string Problem(string option, object value, string rule) =>
        FormattableString.Invariant($"{nameof(OrchestratorMetricsOptions)}.{option} is {value}; it must be {rule}.");
}
