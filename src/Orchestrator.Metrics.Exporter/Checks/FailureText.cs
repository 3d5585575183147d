using System.Data.Common;
using System.Security.Authentication;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Database;
using Orchestrator.Metrics.Exporter.Sources;

namespace Orchestrator.Metrics.Exporter.Checks;

/// <summary>
/// Explains failures, and how to fix them, to operators who know neither .NET nor the code. The texts contain no
/// secrets.
/// </summary>
internal sealed class FailureText(ExporterOptions options, DbDataSource? database)
{
    public string DatabaseSetting => options.Database?.Source ?? "DATABASE_URI";

    /// <summary>Returns the families of the SQL query that failed, or null for another failure.</summary>
    public static string? FindMetrics(Exception exception) => exception.Data["Families"] as string;

    /// <summary>Returns whether a built-in collector reads orchestrator-core's tables. Workers query the API.</summary>
    public static bool IsCore(string collector) =>
        SettingTable.PackageCollectors.Any(known => known.Key != "workers" && known.Value.Name == collector);

    /// <param name="exception">The failure.</param>
    /// <param name="collector">The collector that failed; null for a query of the check itself.</param>
    public string Describe(Exception exception, string? collector = null) => exception switch
    {
        HttpRequestException or InvalidDataException => exception.Message,
        _ when DescribeDatabase(exception, collector) is { } failure => failure,
        TimeoutException => $"{exception.Message} Look for locks and slow queries, or raise scrape.collector_timeout " +
            "or the timeout of the collector.",
        _ when FindConflictRemedy(exception.Data["Family"] as string) is { } remedy => $"{exception.Message} {remedy}",
        _ => Translate(exception.Message, collector),
    };

    /// <summary>Returns the remedy for a conflict with a family of the exporter; null for other families.</summary>
    public string? FindConflictRemedy(string? family)
    {
        if (DefaultFamilies.Names.Contains(family))
            return DefaultFamilies.ResolveConflict;
        var prefix = options.Packages[SettingTable.Registry + nameof(OrchestratorMetricsOptions.ScrapeMetricsPrefix)]!;
        return family?.StartsWith(prefix, StringComparison.Ordinal) == true
            ? $"The exporter adds the metrics {prefix}... about its own collectors. If the collector is a source, " +
                "list these metrics in its drop_families, or set its prefix or scrape.metrics_prefix."
            : null;
    }

    /// <summary>Explains a failure of the database. Returns null for other failures.</summary>
    public string? DescribeDatabase(Exception exception, string? collector) => exception switch
    {
        UnsupportedSchemaException => SettingNames.RemoveCodeAdvice(exception.Message),
        _ when IsFromDatabase(exception) =>
            DatabaseFailure.Describe(
                exception, DatabaseSetting, GetServers(), isCore: collector is null || IsCore(collector)),
        _ => null,
    };

    /// <summary>Replaces the packages' options in a message about a collector with the names of settings.</summary>
    public string Translate(string message, string? collector) => SettingNames.Translate(
        options.Sources.FirstOrDefault(source => source.Name == collector) is { } source
            ? MetricSources.Translate(message, source)
            : message);

    // Reading the secret again could block, if it is in a file.
    private string GetServers() =>
        database is null ? "the server" : ConnectionText.GetServers(database.ConnectionString);

    private static bool IsFromDatabase(Exception exception) =>
        exception is DbException or AuthenticationException or System.Net.Sockets.SocketException
        || (exception is not HttpRequestException && exception.InnerException is { } cause && IsFromDatabase(cause));
}
