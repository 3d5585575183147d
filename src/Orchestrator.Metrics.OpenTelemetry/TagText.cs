using System.Collections;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Metrics.OpenTelemetry;

// Source: https://opentelemetry.io/docs/specs/otel/common/#anyvalue-representation-for-non-otlp-protocols.
internal static class TagText
{
    // A value that throws becomes its type and the type of the exception.
    public static string Format(object? value)
    {
        try
        {
            return FormatCore(value) ?? "";
        }
        catch (Exception exception)
        {
            // The SDK keeps the series, so an exception would fail every later collection.
            return $"{value?.GetType()} threw {exception.GetType()}";
        }
    }

    public static string ReplaceUnpairedSurrogates(string text) =>
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));

    private static string? FormatCore(object? value) => value switch
    {
        string text => text,
        bool truth => truth ? "true" : "false",
        byte[] bytes => Convert.ToBase64String(bytes),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => $"[{string.Join(',', items.Cast<object?>().Select(FormatItem))}]",
        _ => value?.ToString(),
    };

    // Items are written as JSON.
    private static string FormatItem(object? item) => item switch
    {
        null => "null",
        bool or sbyte or byte or short or ushort or int or uint or long or ulong or decimal => Format(item),
        float number when float.IsFinite(number) => Format(item),
        double number when double.IsFinite(number) => Format(item),
        IEnumerable and not (string or byte[]) => Format(item),
        _ => $"\"{Encode(Format(item))}\"",
    };

    private static JsonEncodedText Encode(string text) =>
        JsonEncodedText.Encode(ReplaceUnpairedSurrogates(text), JavaScriptEncoder.UnsafeRelaxedJsonEscaping);
}
