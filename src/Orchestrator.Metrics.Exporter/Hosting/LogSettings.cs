using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>The level and format of the log, which a reload may change. Thread-safe.</summary>
internal sealed class LogSettings
{
    private volatile ExporterOptions _options;

    public LogSettings(ExporterOptions options) => _options = options;

    public bool IsJson => _options.LogJson;

    /// <summary>Whether stack traces are logged.</summary>
    public bool IsDebug => _options.LogLevel <= LogLevel.Debug;

    public void Update(ExporterOptions options) => _options = options;

    /// <summary>Creates the log, which goes to the standard error output.</summary>
    public ILoggerFactory CreateLoggerFactory()
    {
        var services = new ServiceCollection();
        services.AddSingleton<ConsoleFormatter>(new LogFormatter(this, TimeProvider.System));
        services.AddSingleton<IConfigureOptions<ConsoleLoggerOptions>>(new ConfigureOptions<ConsoleLoggerOptions>(
            console => (console.FormatterName, console.LogToStandardErrorThreshold) =
                (LogFormatter.FormatterName, LogLevel.Trace)));
        services.AddLogging(logging => logging.AddConsole().SetMinimumLevel(LogLevel.Trace).AddFilter(IsEnabled));
        return services.BuildServiceProvider().GetRequiredService<ILoggerFactory>();
    }

    // The information of the framework, such as the content root, does not help an operator.
    private bool IsEnabled(string? category, LogLevel level) =>
        level >= _options.LogLevel
        && (level >= LogLevel.Warning || IsDebug
            || category?.StartsWith("Orchestrator.", StringComparison.Ordinal) == true);
}
