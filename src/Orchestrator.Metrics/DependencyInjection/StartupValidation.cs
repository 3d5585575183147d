using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics;

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
            .. defaults.SelectMany(collector => Conflicts(collector.Collector)),
        ];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> Conflicts(CollectorRegistration defaultCollector)
    {
        foreach (var registration in registrations)
        {
            string? conflict = null;
            try
            {
                registration.RequireDistinctFrom(defaultCollector);
            }
            catch (InvalidOperationException exception)
            {
                conflict = exception.Message;
            }

            if (conflict is not null)
                yield return conflict;
        }
    }
}
