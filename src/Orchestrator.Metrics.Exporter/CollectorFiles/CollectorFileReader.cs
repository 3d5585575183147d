using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.CollectorFiles;

// One reader reads all files of a configuration, because it compares the names of collectors and metrics across files.
// Not thread-safe.
internal sealed class CollectorFileReader
{
    private readonly Dictionary<string, string> _collectors = new(StringComparer.OrdinalIgnoreCase);
    private readonly MetricReader _metrics = new();

    /// <summary>Adds errors and returns null if the file is invalid.</summary>
    public SqlCollector? Read(YamlMap root)
    {
        var name = root.Require("collector_name");
        var interval = root.Find("min_interval");
        var metrics = root.Require("metrics")?.AsList();
        var queries = ReadQueries(root.Find("queries")?.AsList() ?? []);
        root.RejectUnknownKeys();
        if (metrics is [])
            root.AddError("metrics", "The list of metrics is empty. Add a metric.");

        var definitions = new List<(string Sql, SqlMetricFamily Family)>();
        foreach (var item in metrics ?? [])
        {
            if (item.AsMap() is { } map && _metrics.Read(map, queries) is { } definition)
                definitions.Add(definition);
        }

        if (ReadName(name) is not { } collector || definitions.Count == 0)
            return null;

        // A query that several metrics refer to, or repeat, runs once.
        SqlCollectorQuery[] sources =
        [
            .. definitions.GroupBy(definition => definition.Sql)
                .Select(group => new SqlCollectorQuery(group.Key, [.. group.Select(metric => metric.Family)])),
        ];
        var result = new SqlCollector(collector, interval?.AsDuration() ?? TimeSpan.Zero, sources);
        if (Registration.FindError(builder => SqlCollectors.Add(builder, [result])) is not { } error)
            return result;
        name!.AddError(error);
        return null;
    }

    private string? ReadName(YamlValue? value)
    {
        if (value?.AsNonEmptyString() is not { } name)
            return null;
        if (SettingTable.FindNameProblem(name) is { } problem)
            value.AddError(problem);
        else if (!_collectors.TryAdd(name, value.Position))
            value.AddError($"A collector '{name}' is already defined in {_collectors[name]}. Rename one of them.");
        else
            return name;
        return null;
    }

    private static Dictionary<string, string> ReadQueries(IReadOnlyList<YamlValue> items)
    {
        var queries = new Dictionary<string, string>();
        foreach (var item in items)
        {
            if (item.AsMap() is not { } map)
                continue;
            var name = map.Require("query_name")?.AsNonEmptyString();
            var sql = map.Require("query")?.AsNonEmptyString();
            map.Find("no_prepared_statement")?.AsBoolean();
            map.RejectUnknownKeys();
            if (name is not null && !queries.TryAdd(name, sql ?? ""))
                map.AddError("query_name", $"A query '{name}' is already defined. Rename one of them.");
        }

        return queries;
    }
}
