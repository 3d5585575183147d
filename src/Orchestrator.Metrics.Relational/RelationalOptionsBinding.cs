using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.DependencyInjection;

namespace Orchestrator.Metrics.Relational;

/// <summary>
/// Overrides the options that are set in code with those of the section <c>OrchestratorMetrics:Relational</c>.
/// </summary>
internal sealed class RelationalOptionsBinding(IConfiguration? configuration) : IPostConfigureOptions<RelationalOptions>
{
    public void PostConfigure(string? name, RelationalOptions options)
    {
        var settings = new SettingsSection(configuration, SettingsSection.Relational);
        settings.ReadBoolean(nameof(options.ParallelQuery), value => options.ParallelQuery = value);
        settings.ReadBoolean(nameof(options.SharedSnapshot), value => options.SharedSnapshot = value);
        if (settings.GetProblems() is { Count: > 0 } problems)
            throw new OptionsValidationException(name ?? "", typeof(RelationalOptions), problems);
    }
}
