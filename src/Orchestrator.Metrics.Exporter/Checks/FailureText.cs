using System.Data.Common;
using System.Security.Authentication;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Sources;

namespace Orchestrator.Metrics.Exporter.Checks;

/// <summary>
/// Explains failures to an operator who knows neither .NET nor the code: what is wrong, and what to do. Contains no
/// secret.
/// </summary>
/// <param name="options">The configuration.</param>
/// <param name="servers">The servers of the database, with their ports.</param>
internal sealed class FailureText(ExporterOptions options, string servers)
{
    // What only an author of code can do.
    private const string ForAuthors = ", or use a SQL dialect with queries for this schema";

    /// <summary>The setting that names the database.</summary>
    public string DatabaseSetting => options.Database?.Source ?? "DATABASE_URI";

    /// <summary>Whether the schema is older than the collectors support.</summary>
    public static bool IsOldSchema(Exception? exception) => exception is NotSupportedException
        && exception.Message.Contains("needs orchestrator-core", StringComparison.Ordinal);

    /// <summary>Returns the metrics of the SQL query that failed; null if no query of SQL metrics did.</summary>
    public static string? MetricsOf(Exception exception) => exception.Data["Families"] as string;

    /// <summary>Returns what is wrong, and what to do.</summary>
    /// <param name="exception">The failure.</param>
    /// <param name="isCore">Whether a failed query is one of the exporter, and not of a collector file.</param>
    public string Describe(Exception exception, bool isCore) => exception switch
    {
        NotSupportedException when IsOldSchema(exception) =>
            exception.Message.Replace(ForAuthors, "", StringComparison.Ordinal),
        HttpRequestException or InvalidDataException => exception.Message,
        _ when IsFromDatabase(exception) => DatabaseFailure.Describe(exception, DatabaseSetting, servers, isCore),
        TimeoutException => $"{exception.Message} Look for locks and slow queries, or raise scrape.collector_timeout " +
            "or the timeout of the collector.",
        _ when exception.Data["Family"] is string family && DefaultFamilies.Names.Contains(family) =>
            $"{exception.Message} {DefaultFamilies.ResolveConflict}",
        _ => SettingNames.Translate(exception.Message),
    };

    private static bool IsFromDatabase(Exception exception) =>
        exception is DbException or AuthenticationException or System.Net.Sockets.SocketException
        || (exception is not HttpRequestException && exception.InnerException is { } cause && IsFromDatabase(cause));
}
