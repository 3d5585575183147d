using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Logging;

/// <summary>A log that cannot fail a scrape, whatever is behind it.</summary>
internal sealed class SafeLogger(ILogger logger) : ILogger<OrchestratorMetricsRegistry>
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
            logger.Log(logLevel, eventId, state, exception, formatter);
        }
        catch (Exception)
        {
            // There is nowhere left to say it.
        }
    }
}
