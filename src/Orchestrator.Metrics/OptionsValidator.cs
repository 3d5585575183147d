using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

internal static class OptionsValidator
{
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    private const int ShortestHashKey = 16;

    public const string PrefixRule = "ASCII letters, digits, underscores and colons, not starting with a digit";

    public static void ThrowIfInvalid(OrchestratorMetricsOptions options)
    {
        if (Validate(options).FirstOrDefault() is { } problem)
            throw new ArgumentException(problem, nameof(options));
    }

    public static IEnumerable<string> Validate(OrchestratorMetricsOptions options)
    {
        if (options.CollectorTimeout <= TimeSpan.Zero || options.CollectorTimeout > MaxTimeout)
            yield return DescribeProblem(
                nameof(options.CollectorTimeout), options.CollectorTimeout, "longer than zero and at most a day");
        if (!Enum.IsDefined(options.FailurePolicy))
            yield return DescribeProblem(
                nameof(options.FailurePolicy), options.FailurePolicy,
                $"{FailurePolicy.FailScrape} or {FailurePolicy.ReportAndContinue}");
        if (!IsPrefix(options.ScrapeMetricsPrefix))
            yield return DescribeProblem(
                nameof(options.ScrapeMetricsPrefix), $"'{options.ScrapeMetricsPrefix}'",
                $"a metric name prefix: {PrefixRule}");
        if (options.MaxConcurrentCollectors < 1)
            yield return DescribeProblem(
                nameof(options.MaxConcurrentCollectors), options.MaxConcurrentCollectors, "at least 1");
        if (options.MaxSamplesPerCollector < 1)
            yield return DescribeProblem(
                nameof(options.MaxSamplesPerCollector), options.MaxSamplesPerCollector, "at least 1");

        // The message omits the key, because it is a secret.
        if (options.LabelHashKey?.Length < ShortestHashKey)
            yield return
                $"{nameof(OrchestratorMetricsOptions)}.{nameof(options.LabelHashKey)} has " +
                $"{options.LabelHashKey.Length} characters; it must have at least {ShortestHashKey}. Use a random " +
                "string.";
    }

    public static bool IsPrefix(string? text) => text is not null && MetricNames.IsLegacyMetricName(text);

    private static string DescribeProblem(string option, object value, string rule) =>
        FormattableString.Invariant($"{nameof(OrchestratorMetricsOptions)}.{option} is {value}; it must be {rule}.");
}
