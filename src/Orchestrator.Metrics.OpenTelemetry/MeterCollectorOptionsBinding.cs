using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.DependencyInjection;

namespace Orchestrator.Metrics.OpenTelemetry;

internal sealed class MeterCollectorOptionsBinding(IConfiguration? configuration)
    : IPostConfigureOptions<MeterCollectorOptions>
{
    public void PostConfigure(string? name, MeterCollectorOptions options)
    {
        var settings = new SettingsSection(configuration, SettingsSection.Meters);
        settings.ReadEnum<TranslationStrategy>(
            nameof(options.TranslationStrategy), value => options.TranslationStrategy = value);
        settings.ReadBoolean(nameof(options.CreatedTimestamps), value => options.CreatedTimestamps = value);
        settings.ReadBoolean(nameof(options.ScopeLabels), value => options.ScopeLabels = value);
        settings.ReadBoolean(nameof(options.TargetInfo), value => options.TargetInfo = value);
        settings.ThrowIfInvalid<MeterCollectorOptions>(name);
    }
}
