using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.CollectorFiles;

// Not thread-safe.
internal sealed class MetricReader
{
    // The keys, by the properties that errors name.
    private static readonly Dictionary<string, string> Keys = new()
    {
        [nameof(SqlMetricFamily.ConstantValue)] = "static_value",
        [nameof(SqlMetricFamily.ValueLabel)] = "value_label",
        [nameof(SqlMetricFamily.Values)] = "values",
    };

    private readonly Dictionary<string, (MetricType Type, string Name, string Help, string Position)> _families = [];

    /// <summary>Adds errors and returns null if the metric is invalid.</summary>
    public (string Sql, SqlMetricFamily Family)? Read(YamlMap map, IReadOnlyDictionary<string, string> queries)
    {
        var name = map.Require("metric_name");
        var type = ReadType(map.Require("type"));
        var help = map.Require("help")?.AsNonEmptyString();
        var labels = map.FindStrings("key_labels");
        var constantLabels = ReadLabels(map.Find("static_labels"));
        var valueLabel = map.Find("value_label")?.AsString() is { Length: > 0 } label ? label : null;
        var values = map.FindStrings("values");
        var constant = map.Find("static_value")?.AsNumber();
        var timestamp = map.Find("timestamp_value")?.AsString() is { Length: > 0 } column ? column : null;
        map.Find("no_prepared_statement")?.AsBoolean();
        var sql = ReadQuery(map, queries);
        map.RejectUnknownKeys();
        if (name?.AsNonEmptyString() is not { } metric || type is not { } known || help is null || sql is null)
            return null;
        if (ReadFamily(name, metric, known, help) is not { } familyHelp)
            return null;

        // As in sql_exporter: with a static value, the value label is empty, and the sample has no timestamp.
        if (constant is not null && valueLabel is not null)
            constantLabels.TryAdd(valueLabel, "");
        var family = new SqlMetricFamily
        {
            Type = known,
            Name = metric,
            KeepsName = known == MetricType.Counter,
            Help = familyHelp,
            Labels = labels,
            ConstantLabels = constantLabels,
            ValueLabel = constant is null ? valueLabel : null,
            Values = values,
            ConstantValue = constant,
            Timestamp = constant is null ? timestamp : null,
        };
        var alone = new SqlCollector("collector", TimeSpan.Zero, [new SqlCollectorQuery(sql, [family])]);
        if (Registration.FindError(builder => SqlCollectors.Add(builder, [alone])) is not { } error)
            return (sql, family);
        name.AddError(SettingNames.Translate(error, Keys));
        return null;
    }

    private static MetricType? ReadType(YamlValue? value)
    {
        switch (value?.AsString()?.ToLowerInvariant())
        {
            case "gauge":
                return MetricType.Gauge;
            case "counter":
                return MetricType.Counter;
            case not null:
                value.AddError("The type is neither 'gauge' nor 'counter'. Set one of them.");
                return null;
            default:
                return null;
        }
    }

    private static string? ReadQuery(YamlMap map, IReadOnlyDictionary<string, string> queries)
    {
        var literal = map.Find("query");
        var reference = map.Find("query_ref");
        if ((literal is null) == (reference is null))
        {
            map.AddError("query_ref", "A metric needs either 'query' or 'query_ref'. Set one of them.");
            return null;
        }

        if (literal is not null)
            return literal.AsNonEmptyString();
        if (reference!.AsNonEmptyString() is not { } name)
            return null;
        if (queries.TryGetValue(name, out var sql))
            return sql.Length > 0 ? sql : null;
        reference.AddError(
            $"There is no query '{name}'. Define it under 'queries'." +
            (Suggestion.Find(name, queries.Keys) is { } suggestion ? $" Did you mean '{suggestion}'?" : ""));
        return null;
    }

    private static Dictionary<string, string> ReadLabels(YamlValue? value) =>
        (value?.AsMap()?.Entries ?? [])
        .ToDictionary(label => label.Key, label => label.Value.IsNull ? "" : label.Value.AsString() ?? "");

    /// <summary>
    /// Checks a metric against an earlier one with the same name, which may be in another file. Returns the help text
    /// of the first metric, which applies to the whole family, or null after an error.
    /// </summary>
    private string? ReadFamily(YamlValue position, string name, MetricType type, string help)
    {
        // OpenMetrics names a family without the suffix of its counter.
        var family = type == MetricType.Counter && name.EndsWith("_total", StringComparison.Ordinal)
            ? name[..^"_total".Length]
            : name;
        if (_families.TryAdd(family, (type, name, help, position.Position)))
            return help;
        var first = _families[family];
        if (first.Name == name && first.Type == type)
            return first.Help;
        position.AddError(first.Name != name
            ? $"The metrics '{first.Name}' ({first.Position}) and '{name}' are the same family '{family}' in " +
                "OpenMetrics. Rename one of them."
            : $"The metric '{name}' has the type {first.Type} in {first.Position}. Make the types equal, or " +
                "rename one.");
        return null;
    }
}
