using System.Text.RegularExpressions;
using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Checks;

internal static class CoreTables
{
    private static readonly string[] All =
        ["engine_settings", "processes", "processes_subscriptions", "products", "subscriptions", "workflows"];

    public static IReadOnlyList<string> GetTables(ExporterOptions options)
    {
        string[] queries = [.. GetQueries(options)];
        return Array.FindAll(
            All, table => Array.Exists(queries, query => Regex.IsMatch(query, $@"\b{table}\b")));
    }

    private static IEnumerable<string> GetQueries(ExporterOptions options)
    {
        var sql = SqlDialect.PostgreSql;
        if (options.CollectorsFromDatabase.HasFlag(DefaultCollectors.Subscriptions))
            yield return sql.SubscriptionCountsQuery(GetDroppedLabels(options, "subscriptions"));
        if (options.CollectorsFromDatabase.HasFlag(DefaultCollectors.Processes))
            yield return sql.ProcessCountsQuery(GetDroppedLabels(options, "processes"));
        if (options.CollectorsFromDatabase.HasFlag(DefaultCollectors.WorkflowEngine))
            yield return sql.EngineSettingsQuery + sql.RunningProcessesQuery;

        // EndedProcessesQuery reads no other tables.
        if (options.OperationalMetrics)
            yield return sql.ProcessGroupsQuery!(GetDroppedLabels(options, "operational"));
    }

    private static string[] GetDroppedLabels(ExporterOptions options, string collector)
    {
        var name = SettingTable.PackageCollectors[collector].Name;
        var key = $"{SettingTable.RegistryCollectors}{name}:{nameof(CollectorOptions.DropLabels)}:";
        return
        [
            .. options.Packages.Where(pair => pair.Key.StartsWith(key, StringComparison.Ordinal))
                .Select(pair => pair.Value!),
        ];
    }
}
