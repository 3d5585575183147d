using System.Data.Common;
using Microsoft.Extensions.Logging.Console;
using Orchestrator.Metrics.Exporter.Checks;
using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>The level and format of the log, which a reload may change. Thread-safe.</summary>
internal sealed class LogSettings(ExporterOptions options)
{
    private volatile ExporterOptions _options = options;
    private volatile DbDataSource? _database;

    public bool IsJson => _options.LogJson;

    /// <summary>Whether stack traces are logged.</summary>
    public bool IsDebug => _options.LogLevel <= LogLevel.Debug;

    public FailureText Failures => new(_options, _database);

    public void Update(ExporterOptions options, MetricsHost host) => (_options, _database) = (options, host.Database);

    public ILoggerFactory CreateLoggerFactory() => LoggerFactory.Create(logging =>
    {
        logging.AddConsole(console => (console.FormatterName, console.LogToStandardErrorThreshold) =
            (LogFormatter.FormatterName, LogLevel.Trace));
        logging.Services.AddSingleton<ConsoleFormatter>(new LogFormatter(this));
        logging.SetMinimumLevel(LogLevel.Trace).AddFilter(IsEnabled);
    });

    // Information from the framework, such as the content root, does not help an operator. Npgsql is excluded even at
    // the level debug, because it logs SQL. If a host does not start, the program itself reports the cause.
    private bool IsEnabled(string? category, LogLevel level) =>
        level >= _options.LogLevel
        && (level == LogLevel.Critical || category != "Microsoft.Extensions.Hosting.Internal.Host")
        && (level >= LogLevel.Warning || IsFrom(category, "Orchestrator.")
            || (IsDebug && !IsFrom(category, "Npgsql.")));

    private static bool IsFrom(string? category, string prefix) =>
        category?.StartsWith(prefix, StringComparison.Ordinal) == true;
}
