using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Logging;

/// <summary>
/// Wraps a logger so that logging cannot fail a scrape, and replaces exceptions that cannot be formatted, so that their
/// log entries are not lost.
/// </summary>
internal sealed class SafeLogger(ILogger logger) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel)
    {
        try
        {
            return logger.IsEnabled(logLevel);
        }
        catch (Exception)
        {
            return false;
        }
    }

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        try
        {
            // Checked up front, because a provider may format on another thread, or swallow the failure.
            var printable = LoggedException.ReplaceIfUnprintable(exception);
            logger.Log(logLevel, eventId, state, printable, formatter);
        }
        catch (Exception)
        {
            // There is no other place to report the failure.
        }
    }
}
