using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.CollectorFiles;

// The files have the format of sql_exporter (github.com/burningalchemist/sql_exporter). All collectors run, whereas
// sql_exporter selects collectors by name, because it supports several databases.
internal static class SqlCollectors
{
    /// <summary>
    /// Reads the key <c>collector_files</c>: files and patterns, relative to the folder of the configuration. A pattern
    /// with a wildcard that matches no file is a warning.
    /// </summary>
    public static IReadOnlyList<SqlCollector> Read(
        YamlValue? value, string folder, ConfigurationErrors errors, ICollection<string> warnings)
    {
        var files = new List<string>();
        foreach (var item in value?.AsList() ?? [])
        {
            if (item.AsNonEmptyString() is not { } pattern || Expand(item, folder, pattern) is not { } matches)
                continue;
            var relative = $"Paths are relative to '{folder}'.";
            if (matches.Count == 0 && !FileGlob.IsPattern(pattern))
                item.AddError($"The file '{pattern}' does not exist. {relative}");
            else if (matches.Count == 0)
                warnings.Add($"{item.Position}: The pattern '{pattern}' matches no file. {relative}");
            files.AddRange(matches);
        }

        return Load(files, errors);
    }

    private static IReadOnlyList<string>? Expand(YamlValue item, string folder, string pattern)
    {
        try
        {
            return FileGlob.Expand(folder, pattern);
        }
        catch (IOException exception)
        {
            item.AddError(exception.Message);
            return null;
        }
    }

    // A file that occurs twice is loaded only once.
    public static IReadOnlyList<SqlCollector> Load(IEnumerable<string> files, ConfigurationErrors errors)
    {
        var reader = new CollectorFileReader();
        var collectors = new List<SqlCollector>();
        foreach (var file in files.Distinct())
        {
            if (YamlFile.Load(file, errors) is { } root && reader.Read(root) is { } collector)
                collectors.Add(collector);
        }

        return collectors;
    }

    public static void Add(OrchestratorMetricsBuilder builder, IReadOnlyList<SqlCollector> collectors)
    {
        // Several files may define the same family, but only one collector can declare it.
        var shared = collectors
            .SelectMany(collector => collector.Families.Select(family => family.Name).Distinct())
            .GroupBy(name => name)
            .Where(group => group.Count() > 1)
            .Select(group => group.Key)
            .ToHashSet();
        foreach (var collector in collectors)
        {
            builder.AddSqlMetrics(
                collector.Name,
                collector.Queries[0].Sql,
                metrics =>
                {
                    AddFamilies(metrics, collector.Queries[0]);
                    foreach (var query in collector.Queries.Skip(1))
                        metrics.AddQuery(query.Sql, more => AddFamilies(more, query));
                },
                options =>
                {
                    options.CacheFor = collector.MinInterval;
                    if (collector.Families.Any(family => shared.Contains(family.Name)))
                        options.FamilyNames = null;
                });
        }
    }

    private static void AddFamilies(SqlMetricsBuilder metrics, SqlCollectorQuery query)
    {
        foreach (var family in query.Families)
            metrics.Add(family);
    }
}
