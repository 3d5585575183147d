namespace Orchestrator.Metrics.Logging;

/// <summary>
/// Replaces an exception that no logger provider can format, because a property or <c>ToString</c> throws.
/// </summary>
internal sealed class LoggedException : Exception
{
    private const int MaxDepth = 16;

    private LoggedException(string message, string? stackTrace)
        : base(message) => StackTrace = stackTrace;

    public override string? StackTrace { get; }

    public static Exception? ReplaceIfUnprintable(Exception? exception)
    {
        if (exception is null)
            return null;
        try
        {
            Format(exception, depth: 0);
            return exception;
        }
        catch (Exception failure)
        {
            return new LoggedException(
                $"{GetTypeNames(exception)} cannot be formatted, because its Message, StackTrace, Data or ToString " +
                $"throws {failure.GetType()}. The cause is not known.",
                GetStackTrace(exception));
        }
    }

    /// <summary>Reads what a provider may format: the parts of an exception and of its inner exceptions.</summary>
    private static void Format(Exception exception, int depth)
    {
        _ = exception.ToString();
        _ = exception.Message;
        _ = exception.StackTrace;
        _ = exception.Data;
        if (depth == MaxDepth)
            return;
        if (exception is AggregateException { InnerExceptions: var all })
            foreach (var inner in all)
                Format(inner, depth + 1);
        else if (exception.InnerException is { } inner)
            Format(inner, depth + 1);
    }

    private static string GetTypeNames(Exception exception)
    {
        var types = new List<string>();
        for (var inner = exception; inner is not null && types.Count < MaxDepth; inner = inner.InnerException)
            types.Add(inner.GetType().ToString());
        return string.Join(" ---> ", types);
    }

    private static string? GetStackTrace(Exception exception)
    {
        try
        {
            return exception.StackTrace;
        }
        catch (Exception)
        {
            return null;
        }
    }
}
