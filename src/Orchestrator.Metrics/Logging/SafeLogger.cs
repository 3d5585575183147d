using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Logging;

/// <summary>
/// A logger that cannot fail a scrape and loses no entry because of its exception. Exceptions of the logger behind it
/// are ignored.
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
            // Up front, since a provider may format on another thread, or ignore that it cannot format.
            var printable = LoggedException.Of(exception);
            logger.Log(logLevel, eventId, state, printable, formatter);
        }
        catch (Exception)
        {
            // There is no other place to report it.
        }
    }
}
