using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

/// <summary>Keeps what is logged, in the order in which it was.</summary>
internal sealed class ListLogger : ILoggerProvider, ILogger
{
    private readonly ConcurrentQueue<(LogLevel Level, string Message, Exception? Exception)> _entries = new();

    public IReadOnlyList<(LogLevel Level, string Message, Exception? Exception)> Entries => [.. _entries];

    public IEnumerable<string> Warnings =>
        Entries.Where(entry => entry.Level == LogLevel.Warning).Select(entry => entry.Message);

    public ILogger CreateLogger(string categoryName) => this;

    public bool IsEnabled(LogLevel logLevel) => true;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        _entries.Enqueue((logLevel, formatter(state, exception), exception));

    public void Dispose()
    {
    }
}
