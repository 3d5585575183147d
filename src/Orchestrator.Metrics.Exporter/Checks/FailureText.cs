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

    /// <summary>Returns null if no query of SQL metrics failed.</summary>
    public static string? FindMetrics(Exception exception) => exception.Data["Families"] as string;

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
        _ when exception.Data["Family"] is string family && DefaultFamilies.Names.Contains(family) =>
            $"{exception.Message} {DefaultFamilies.ResolveConflict}",
        _ => Translate(exception.Message, collector),
    };

    /// <summary>Returns null for a failure that is not of the database.</summary>
    public string? DescribeDatabase(Exception exception, string? collector) => exception switch
    {
        UnsupportedSchemaException => SettingNames.RemoveCodeAdvice(exception.Message),
        _ when IsFromDatabase(exception) =>
            DatabaseFailure.Describe(
                exception, DatabaseSetting, GetServers(), isCore: collector is null || IsCore(collector)),
        _ => null,
    };

    /// <summary>Replaces the options of the packages in a message about a collector with settings.</summary>
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
