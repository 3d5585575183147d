using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Exposition;
using Orchestrator.Metrics.Hosting;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>Reports errors at start-up that would otherwise fail the first scrape.</summary>
internal sealed class StartupValidator(IServiceProvider provider) : IValidateOptions<OrchestratorMetricsOptions>
{
    public ValidateOptionsResult Validate(string? name, OrchestratorMetricsOptions options)
    {
        var catalog = new CollectorCatalog(provider, options);
        string[] problems =
        [
            .. OptionsValidator.Validate(options),
            .. catalog.Problems,
            .. GetMissingDependencies(),
            .. catalog.Collectors.Select(collector => GetMessage(
                () => collector.Labels.RequireHashKey(options, collector.Name))).OfType<string>(),
            .. FindConflicts(catalog.Collectors),
            .. provider.GetServices<TextFileTarget>().Select(
                file => GetMessage(() => TextFile.RequireWritablePath(file.Path))).OfType<string>(),
        ];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private IEnumerable<string> GetMissingDependencies() =>
        provider.GetService<IServiceProviderIsService>() is { } isService
            ? provider.GetServices<TypedCollector>().Select(collector => collector.Validate(isService))
                .Concat(provider.GetServices<RequiredRepository>().Select(repository => repository.Validate(isService)))
                .OfType<string>()
            : [];

    private static IEnumerable<string> FindConflicts(CollectorRegistration[] collectors) =>
        collectors.SelectMany((collector, i) => collectors.Take(i).Select(
            other => GetMessage(() => collector.RequireDistinctFrom(other)))).OfType<string>().Distinct();

    private static string? GetMessage(Action check)
    {
        try
        {
            check();
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or IOException)
        {
            return exception.Message;
        }
    }
}
