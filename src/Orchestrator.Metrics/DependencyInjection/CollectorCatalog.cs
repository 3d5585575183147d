using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>
/// Determines the collectors of a host: the default collectors that run, and the configured options of each collector.
/// </summary>
internal sealed class CollectorCatalog
{
    private readonly List<string> _problems = [];

    public CollectorCatalog(IServiceProvider provider, OrchestratorMetricsOptions options)
    {
        DefaultCollector[] defaults =
            [.. DefaultCollector.GetAll([.. provider.GetServices<DefaultCollectorConfiguration>()])];
        var registered = Array.FindAll(defaults, collector => IsRegistered(provider, collector.Repository));
        DefaultCollectorsAreOff = !options.SelectsDefaultCollectors && registered.Length == 0;
        var selected = DefaultCollectorsAreOff
            ? []
            : Array.FindAll(defaults, collector => options.DefaultCollectors.HasFlag(collector.Flag));
        RequireRepositories([.. selected.Except(registered)]);
        Collectors = Configure(
            [.. provider.GetServices<IPostConfigureOptions<CollectorOptions>>()],
            provider.GetService<IConfiguration>(),
            [
                .. selected.Select(collector => collector.Registration),
                .. provider.GetServices<CollectorRegistration>(),
            ]);
    }

    public CollectorRegistration[] Collectors { get; }

    public IReadOnlyList<string> Problems => _problems;

    public bool DefaultCollectorsAreOff { get; }

    private void RequireRepositories(DefaultCollector[] missing)
    {
        if (missing.Length == 0)
            return;
        var repositories = missing.Select(collector => collector.Repository.Name).ToArray();
        var names = Join(missing.Select(collector => collector.Registration.Name));
        _problems.Add(
            (missing.Length == 1 ? $"The default collector {names} needs " : $"The default collectors {names} need ") +
            $"{Join(repositories)}, which the host does not register. Call " +
            $"{Join(repositories.Select(repository => $"services.AddScoped<{repository}, ...>()"))}, or exclude the " +
            $"collector{(missing.Length == 1 ? "" : "s")}: services.AddOrchestratorMetrics(options => " +
            "options.DefaultCollectors &= " +
            $"{string.Join(" & ", missing.Select(collector => $"~{nameof(DefaultCollectors)}.{collector.Flag}"))}).");
    }

    private CollectorRegistration[] Configure(
        IPostConfigureOptions<CollectorOptions>[] postConfigures, IConfiguration? configuration,
        CollectorRegistration[] collectors)
    {
        var section = new SettingsSection(configuration, SettingsSection.Collectors);
        var names = section.Keys.ToArray();
        section.Ignore(names);
        _problems.AddRange(section.GetProblems());
        foreach (var unknown in names.Except(
            collectors.Select(collector => collector.Name), StringComparer.OrdinalIgnoreCase))
        {
            _problems.Add(
                $"{SettingsSection.Collectors}:{unknown} names no collector. Collectors: " +
                $"{(collectors.Length == 0 ? "none" : string.Join(", ", collectors.Select(c => c.Name)))}.");
        }

        return Array.ConvertAll(collectors, collector =>
            postConfigures.Length > 0 || names.Contains(collector.Name, StringComparer.OrdinalIgnoreCase)
                ? Configure(postConfigures, configuration, collector)
                : collector);
    }

    private CollectorRegistration Configure(
        IPostConfigureOptions<CollectorOptions>[] postConfigures, IConfiguration? configuration,
        CollectorRegistration collector)
    {
        var path = $"{SettingsSection.Collectors}:{collector.Name}";
        var settings = new SettingsSection(configuration, path);
        try
        {
            return collector.With(options =>
            {
                foreach (var postConfigure in postConfigures)
                    postConfigure.PostConfigure(collector.Name, options);
                settings.ReadList(nameof(options.Tags), value => options.Tags = value);
                settings.ReadDuration(nameof(options.Timeout), value => options.Timeout = value);
                settings.ReadDuration(nameof(options.CacheFor), value => options.CacheFor = value);
                settings.ReadDuration(nameof(options.ServeStaleFor), value => options.ServeStaleFor = value);
                settings.ReadEnum<FailurePolicy>(
                    nameof(options.FailurePolicy), value => options.FailurePolicy = value);
                settings.ReadBoolean(nameof(options.PublishToMeter), value => options.PublishToMeter = value);
                settings.ReadDuration(nameof(options.RefreshEvery), value => options.RefreshEvery = value);
                settings.ReadNumber(nameof(options.MaxRefreshShare), value => options.MaxRefreshShare = value);
                settings.ReadBoolean(
                    nameof(options.WaitForFirstResult), value => options.WaitForFirstResult = value);
                settings.ReadBoolean(nameof(options.Shared), value => options.Shared = value);
                settings.ReadList(nameof(options.DropLabels), value => options.DropLabels = value);
                settings.ReadList(nameof(options.HashLabels), value => options.HashLabels = value);
                settings.ReadDictionary(nameof(options.AddLabels), value => options.AddLabels = value);
                settings.ReadString(
                    nameof(options.NamePrefix), value => options.NamePrefix = value, OptionsValidator.IsPrefix,
                    $"which is not a metric name prefix. Use {OptionsValidator.PrefixRule}.");
                _problems.AddRange(settings.GetProblems());
            });
        }
        catch (ArgumentException exception)
        {
            _problems.Add($"{path} is invalid: {exception.Message}");
            return collector;
        }
    }

    private static bool IsRegistered(IServiceProvider provider, Type service)
    {
        if (provider.GetService<IServiceProviderIsService>() is { } isService)
            return isService.IsService(service);

        // Other containers can only be asked for the service. A failure to create it means that it is registered.
        using var scope = provider.CreateScope();
        try
        {
            return scope.ServiceProvider.GetService(service) is not null;
        }
        catch (Exception)
        {
            return true;
        }
    }

    private static string Join(IEnumerable<string> items)
    {
        var all = items.ToArray();
        return all.Length == 1 ? all[0] : $"{string.Join(", ", all[..^1])} and {all[^1]}";
    }
}
