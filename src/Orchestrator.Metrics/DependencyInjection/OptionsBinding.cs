using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.DependencyInjection;

internal sealed class OptionsBinding(IConfiguration? configuration) : IPostConfigureOptions<OrchestratorMetricsOptions>
{
    public void PostConfigure(string? name, OrchestratorMetricsOptions options)
    {
        var settings = new SettingsSection(configuration, SettingsSection.Registry);
        settings.ReadEnum<DefaultCollectors>(
            nameof(options.DefaultCollectors), value => options.DefaultCollectors = value);
        settings.ReadDuration(nameof(options.CollectorTimeout), value => options.CollectorTimeout = value);
        settings.ReadEnum<FailurePolicy>(nameof(options.FailurePolicy), value => options.FailurePolicy = value);
        settings.ReadBoolean(nameof(options.ScrapeMetrics), value => options.ScrapeMetrics = value);
        settings.ReadString(
            nameof(options.ScrapeMetricsPrefix), value => options.ScrapeMetricsPrefix = value,
            OptionsValidator.IsPrefix,
            $"which is not a metric name prefix. Use {OptionsValidator.PrefixRule}.");
        settings.ReadInteger(nameof(options.MaxConcurrentCollectors), value => options.MaxConcurrentCollectors = value);
        settings.ReadInteger(nameof(options.MaxSamplesPerCollector), value => options.MaxSamplesPerCollector = value);
        settings.ReadBoolean(nameof(options.CheckDuplicateSamples), value => options.CheckDuplicateSamples = value);
        settings.ReadBoolean(nameof(options.WaitForFirstRefresh), value => options.WaitForFirstRefresh = value);
        settings.ReadString(
            nameof(options.LabelHashKey), value => options.LabelHashKey = value, value => value.Length > 0,
            "which is empty. Set a random string, or remove the key.");
        settings.Ignore("Collectors", "Operational");

        // Sections of other packages, which may not be installed.
        settings.Ignore("Endpoint", "Meters", "OrchestratorApi", "Relational", "Server");
        settings.ThrowIfInvalid<OrchestratorMetricsOptions>(name);
    }
}
