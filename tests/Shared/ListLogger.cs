using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

internal sealed record LogEntry(LogLevel Level, EventId Event, string Message, Exception? Exception)
{
    public Activity? Span { get; } = Activity.Current;
}

internal sealed class ListLogger : ILoggerProvider, ILogger<OrchestratorMetricsRegistry>
{
    private readonly ConcurrentQueue<LogEntry> _entries = [];
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<LogEntry> Entries => [.. _entries];

    /// <summary>The ID of the event at which the logger throws, after it has stored the entry.</summary>
    public int? FailingEvent { get; init; }

    public IEnumerable<string> Warnings => GetEntries(LogLevel.Warning).Select(entry => entry.Message);

    public IEnumerable<LogEntry> GetEntries(LogLevel level) => Entries.Where(entry => entry.Level == level);

    // Entries may be written after the scrape has returned.
    public async Task<LogEntry> WaitForAsync(Func<LogEntry, bool> predicate)
    {
        while (true)
        {
            Task next;
            lock (_entries)
                next = _next.Task;
            if (Entries.FirstOrDefault(predicate) is { } entry)
                return entry;
            await next.Soon();
        }
    }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        TaskCompletionSource written;
        lock (_entries)
        {
            _entries.Enqueue(new LogEntry(logLevel, eventId, formatter(state, exception), exception));
            written = _next;
            _next = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        written.SetResult();
        if (eventId.Id == FailingEvent)
            throw new IOException("The log is full.");
    }

    public void Dispose()
    {
    }
}
