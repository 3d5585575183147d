using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Npgsql;
using Orchestrator.Metrics.Exporter.Checks;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>
/// Writes each log entry as one line, in logfmt or in JSON. Translates messages of the packages into the terms of the
/// exporter, and adds a hint to failures of collectors.
/// </summary>
internal sealed class LogFormatter(LogSettings settings) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "exporter";

    private const string RunCheck = $"Run {Product.Name} --check, which reports the cause and what to do.";

    private const string LibraryPrefix = "Orchestrator.Metrics.";

    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public override void Write<TState>(
        in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var isOwn = logEntry.Category.StartsWith(LibraryPrefix, StringComparison.Ordinal);
        var collector = FindField(logEntry.State, "Collector");
        var message = TranslateForOperators(logEntry.Formatter(logEntry.State, logEntry.Exception));
        var fields = new List<(string Name, string Value)>
        {
            ("time", FormattableString.Invariant($"{TimeProvider.System.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'}")),
            ("level", GetLevelName(logEntry.LogLevel)),
            ("msg", message),
        };
        if (logEntry.Exception is { } exception)
        {
            fields.Add(("err", settings.IsDebug ? exception.ToString() : TranslateForOperators(Describe(exception))));
            if (FailureText.FindMetrics(exception) is { } metrics)
                fields.Add(("metrics", metrics));
        }

        if (logEntry.LogLevel == LogLevel.Error && collector is not null)
            fields.Add(("hint", FindHint(logEntry.Exception, collector, FindField(logEntry.State, "Family"))));
        textWriter.WriteLine(settings.IsJson ? ToJson(fields) : ToLogfmt(fields));

        string TranslateForOperators(string text) => isOwn ? settings.Failures.Translate(text, collector) : text;
    }

    private string FindHint(Exception? exception, string collector, string? family) =>
        settings.Failures.FindConflictRemedy(family)
        ?? (exception is null ? null : settings.Failures.DescribeDatabase(exception, collector))
        ?? RunCheck;

    // The registry logs failures of collectors with the field Collector, and conflicts also with the field Family.
    private static string? FindField<TState>(TState state, string name) =>
        state is IReadOnlyList<KeyValuePair<string, object?>> fields
            ? fields.FirstOrDefault(field => field.Key == name).Value as string
            : null;

    private static string GetLevelName(LogLevel level) => level switch
    {
        LogLevel.Trace or LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => "error",
    };

    private static string Describe(Exception exception)
    {
        var messages = new List<string>();
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            // Omits the position in the query, because the query is not logged.
            var message = cause is PostgresException error ? $"{error.SqlState}: {error.MessageText}" : cause.Message;
            if (!messages.Contains(message))
                messages.Add(message);
        }

        return string.Join(
            ": ", messages.Select((message, i) => i < messages.Count - 1 ? message.TrimEnd('.') : message));
    }

    private static string ToJson(List<(string Name, string Value)> fields)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Json))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in fields)
                writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string ToLogfmt(List<(string Name, string Value)> fields) =>
        string.Join(' ', fields.Select(field => $"{field.Name}={Quote(field.Value)}"));

    private static string Quote(string value)
    {
        if (value.Length > 0 && value.All(c => c > ' ' && c is not ('"' or '=' or '\\' or '\u007f')))
            return value;
        var quoted = new StringBuilder("\"");
        foreach (var c in value)
        {
            _ = c switch
            {
                '"' or '\\' => quoted.Append('\\').Append(c),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                _ when char.IsControl(c) => quoted.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => quoted.Append(c),
            };
        }

        return quoted.Append('"').ToString();
    }
}
