namespace Orchestrator.Metrics;

/// <summary>What options must be like.</summary>
internal static class OptionsRules
{
    public static readonly TimeSpan LongestTimeout = TimeSpan.FromDays(1);

    private static readonly TimeSpan ShortestInterval = TimeSpan.FromSeconds(1);

    public static void Require(OrchestratorMetricsOptions options)
    {
        if (Problems(options).FirstOrDefault() is { } problem)
            throw new ArgumentException(problem, nameof(options));
    }

    public static IEnumerable<string> Problems(OrchestratorMetricsOptions options)
    {
        if (options.CollectorTimeout <= TimeSpan.Zero || options.CollectorTimeout > LongestTimeout)
            yield return Problem(
                nameof(options.CollectorTimeout), options.CollectorTimeout, "longer than zero and at most a day");
        if (options.ScrapeTimeoutOffset < TimeSpan.Zero || options.ScrapeTimeoutOffset >= LongestTimeout)
            yield return Problem(
                nameof(options.ScrapeTimeoutOffset), options.ScrapeTimeoutOffset,
                "zero or longer and shorter than a day");

        // A number of the configuration is bound whatever it is.
        if (!Enum.IsDefined(options.FailurePolicy))
            yield return Problem(
                nameof(options.FailurePolicy), options.FailurePolicy,
                $"{FailurePolicy.FailScrape} or {FailurePolicy.ReportAndContinue}");
        if (options.MaxConcurrentCollectors < 1)
            yield return Problem(
                nameof(options.MaxConcurrentCollectors), options.MaxConcurrentCollectors, "at least 1");
        if (options.MaxConcurrentScrapes < 1)
            yield return Problem(nameof(options.MaxConcurrentScrapes), options.MaxConcurrentScrapes, "at least 1");
        if (options.MaxSamplesPerCollector < 1)
            yield return Problem(nameof(options.MaxSamplesPerCollector), options.MaxSamplesPerCollector, "at least 1");
        if (options.MeterInterval < ShortestInterval || options.MeterInterval > LongestTimeout)
            yield return Problem(
                nameof(options.MeterInterval), options.MeterInterval, "at least a second and at most a day");
    }

    private static string Problem(string option, object value, string rule) =>
        FormattableString.Invariant($"{nameof(OrchestratorMetricsOptions)}.{option} is {value}; it must be {rule}.");
}
