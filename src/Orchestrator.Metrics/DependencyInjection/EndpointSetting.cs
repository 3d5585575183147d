using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>Takes the switch of the endpoint from the host's configuration, unless the options say it.</summary>
internal sealed class EndpointSetting(IConfiguration? configuration) : IPostConfigureOptions<OrchestratorMetricsOptions>
{
    public void PostConfigure(string? name, OrchestratorMetricsOptions options)
    {
        if (options.EnableEndpoint is null
            && configuration?[OrchestratorMetricsOptions.EnableEndpointKey] is { } value)
            options.EnableEndpoint = Parse(value);
    }

    // The spellings that pydantic accepts for a boolean, and with it the settings of orchestrator-core.
    private static bool Parse(string value) => value.Trim().ToLowerInvariant() switch
    {
        "true" or "1" or "yes" or "on" or "t" or "y" => true,
        "false" or "0" or "no" or "off" or "f" or "n" => false,
        _ => throw new OptionsValidationException(
            Options.DefaultName,
            typeof(OrchestratorMetricsOptions),
            [
                $"The setting {OrchestratorMetricsOptions.EnableEndpointKey} is '{value}', which is neither true nor " +
                "false. Set it to true or false; 1/0, yes/no, on/off, t/f and y/n work too, in upper and lower case.",
            ]),
    };
}
