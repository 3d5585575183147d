using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.DependencyInjection;

namespace Orchestrator.Metrics.Relational;

internal sealed class RelationalOptionsBinding(
    IConfiguration? configuration, IEnumerable<RelationalServices.RegisteredDatabase> databases)
    : IPostConfigureOptions<RelationalOptions>
{
    private const string Databases = "Databases";
    private const string DatabasesSection = $"{SettingsSection.Relational}:{Databases}";

    public void PostConfigure(string? name, RelationalOptions options)
    {
        var isNamed = !string.IsNullOrEmpty(name);
        var settings = new SettingsSection(
            configuration, isNamed ? $"{DatabasesSection}:{name}" : SettingsSection.Relational);
        settings.ReadBoolean(nameof(options.ParallelQuery), value => options.ParallelQuery = value);
        settings.ReadBoolean(nameof(options.SharedSnapshot), value => options.SharedSnapshot = value);
        if (!isNamed)
            settings.Ignore(Databases);
        settings.ThrowIfInvalid<RelationalOptions>(name, FindProblemsOfDatabases());
    }

    private IEnumerable<string> FindProblemsOfDatabases()
    {
        var known = databases.Select(database => database.Name).OfType<string>().Distinct().ToArray();
        var section = new SettingsSection(configuration, DatabasesSection);
        section.Ignore(section.Keys);
        var unknown = section.Keys.Except(known, StringComparer.OrdinalIgnoreCase).Select(key =>
            $"{DatabasesSection}:{key} names no database. Databases: " +
            $"{(known.Length == 0 ? "none" : string.Join(", ", known))}.");
        return [.. section.GetProblems(), .. unknown, .. FindUselessSettings()];
    }

    private IEnumerable<string> FindUselessSettings()
    {
        if (databases.Any(database => database.Name is null))
            return [];
        var section = new SettingsSection(configuration, SettingsSection.Relational);
        return section.Keys.Except([Databases], StringComparer.OrdinalIgnoreCase).Select(key =>
            $"{SettingsSection.Relational}:{key} applies to no database, because all databases have names. Set " +
            $"{DatabasesSection}:<name>:{key}.");
    }
}
