using Orchestrator.Metrics.Exporter.CollectorFiles;
using Orchestrator.Metrics.Exporter.Yaml;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.CollectorFiles;

/// <summary>Writes and loads collector files.</summary>
internal static class TestCollectors
{
    /// <summary>Builds a collector file with the gauge acme_{name}. The query must return a column n.</summary>
    public static string BuildGauge(string name, string query) =>
        $"""
        collector_name: {name}
        metrics:
          - metric_name: acme_{name}
            type: gauge
            help: A gauge.
            values: [n]
            query: {query}
        """;

    public static SqlCollector Load(string text) => LoadAll(text).Single();

    public static IReadOnlyList<SqlCollector> LoadAll(params string[] files)
    {
        using var folder = new TemporaryFolder();
        var errors = new ConfigurationErrors();
        var collectors = SqlCollectors.Load(Write(folder, files), errors);
        errors.ThrowIfAny();
        return collectors;
    }

    /// <summary>Loads invalid files, and returns their errors without the path of their folder.</summary>
    public static string[] LoadErrors(params string[] files)
    {
        using var folder = new TemporaryFolder();
        var errors = new ConfigurationErrors();
        SqlCollectors.Load(Write(folder, files), errors);
        return
        [
            .. Assert.Throws<ConfigurationException>(errors.ThrowIfAny)!.Errors
                .Select(error => error.Replace(folder.Path + "/", "")),
        ];
    }

    private static string[] Write(TemporaryFolder folder, string[] files) =>
        [.. files.Select((text, i) => folder.Write($"{(char)('a' + i)}.yml", text))];
}
