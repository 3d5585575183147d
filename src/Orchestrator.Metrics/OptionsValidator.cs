using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics;

internal static class OptionsValidator
{
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    private const int MinHashKeyLength = 16;

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
        if (options.LabelHashKey?.Length < MinHashKeyLength)
            yield return
                $"{nameof(OrchestratorMetricsOptions)}.{nameof(options.LabelHashKey)} has " +
                $"{options.LabelHashKey.Length} characters; it must have at least {MinHashKeyLength}. Use a random " +
                "string.";
    }

    public static void ThrowIfInvalid(CollectorOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Name))
            throw new ArgumentException(
                "The name of the collector is empty, but logs and errors need one. Set it: options => options.Name = " +
                "\"...\".");
        ThrowIfLifetimeIsInvalid(options);
        if (options.MaxRefreshShare is not (> 0 and <= 1))
            throw options.CreateException(nameof(options.MaxRefreshShare), FormattableString.Invariant(
                $"is {options.MaxRefreshShare}; it must be above 0 and at most 1"));
        if (options.Timeout <= TimeSpan.Zero || options.Timeout > MaxTimeout)
            throw options.CreateException(nameof(options.Timeout),
                $"is {options.Timeout}; it must be longer than zero and at most a day, or null for the default");
        if (options.FailurePolicy is { } policy && !Enum.IsDefined(policy))
            throw options.CreateException(nameof(options.FailurePolicy),
                $"is {policy}; it must be {FailurePolicy.FailScrape}, {FailurePolicy.ReportAndContinue}, or null for " +
                "the default");
        if (options.FamilyNames?.Any(string.IsNullOrEmpty) == true)
            throw options.CreateException(nameof(options.FamilyNames), "contains an empty name. Remove it");
    }

    private static void ThrowIfLifetimeIsInvalid(CollectorOptions options)
    {
        ThrowIfNegative(options.CacheFor, nameof(options.CacheFor));
        ThrowIfNegative(options.ServeStaleFor, nameof(options.ServeStaleFor));
        ThrowIfNegative(options.RefreshEvery, nameof(options.RefreshEvery));
        if (options.RefreshEvery > MaxTimeout)
            throw options.CreateException(
                nameof(options.RefreshEvery), $"is {options.RefreshEvery}; it must be at most a day");
        if (options.RefreshEvery > TimeSpan.Zero && options.CacheFor > TimeSpan.Zero)
            throw options.CreateException(nameof(options.CacheFor),
                $"and {nameof(options.RefreshEvery)} are mutually exclusive. Set only one of them");
        if (options.ServeStaleFor > TimeSpan.Zero && options.ServeStaleFor < options.RefreshEvery)
            throw options.CreateException(nameof(options.ServeStaleFor),
                $"is {options.ServeStaleFor}, but {nameof(options.RefreshEvery)} is {options.RefreshEvery}, so it " +
                $"would have no effect. Set {nameof(options.ServeStaleFor)} to several intervals");

        void ThrowIfNegative(TimeSpan value, string option)
        {
            if (value < TimeSpan.Zero)
                throw options.CreateException(option, $"is {value}; it must not be negative. Zero turns it off");
        }
    }

    public static bool IsPrefix(string? text) => text is not null && MetricNames.IsLegacyMetricName(text);

    private static string DescribeProblem(string option, object value, string rule) =>
        FormattableString.Invariant($"{nameof(OrchestratorMetricsOptions)}.{option} is {value}; it must be {rule}.");
}
