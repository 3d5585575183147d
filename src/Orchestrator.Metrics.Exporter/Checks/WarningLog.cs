using System.Collections.Concurrent;
using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Checks;

/// <summary>
/// Keeps the warnings of a check for its report, instead of logging them. Ignores other levels: the report contains the
/// failures anyway. Thread-safe.
/// </summary>
internal sealed class WarningLog : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<string> _messages = [];

    public IEnumerable<string> Messages => _messages.Distinct();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
            _messages.Enqueue(SettingNames.Translate(formatter(state, exception)));
    }

    public void Dispose()
    {
    }
}
