using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>Finds at start-up what would otherwise fail at the first scrape.</summary>
internal sealed class StartupValidation(
    IServiceProviderIsService? isService, IEnumerable<CollectorRegistration> registrations,
    IEnumerable<DefaultCollectorConfiguration> configurations)
    : IValidateOptions<OrchestratorMetricsOptions>
{
    public ValidateOptionsResult Validate(string? name, OrchestratorMetricsOptions options)
    {
        var defaults = DefaultCollectorRegistration.Selected(options.DefaultCollectors, configurations).ToArray();
        string[] problems =
        [
            .. OptionsRules.Problems(options),
            .. defaults
                .Where(collector => isService?.IsService(collector.Repository) == false)
                .Select(collector => collector.MissingRepository),
            .. Conflicts([.. defaults.Select(collector => collector.Collector), .. registrations]),
        ];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <summary>What the registry says when it registers them one after the other.</summary>
    private static IEnumerable<string> Conflicts(CollectorRegistration[] collectors) =>
        collectors.SelectMany((collector, i) => collectors.Take(i).Select(other => Conflict(collector, other)))
            .OfType<string>().Distinct();

    private static string? Conflict(CollectorRegistration collector, CollectorRegistration other)
    {
        try
        {
            collector.RequireDistinctFrom(other);
            return null;
        }
        catch (InvalidOperationException exception)
        {
            return exception.Message;
        }
    }
}
