using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Orchestrator.Metrics.OpenTelemetry;

/// <summary>
/// Writes the values of tags and resource attributes as strings.
/// Source: https://opentelemetry.io/docs/specs/otel/common/#anyvalue-representation-for-non-otlp-protocols.
/// </summary>
internal static class TagText
{
    public static string Of(object? value) => value switch
    {
        string text => text,
        null => "",
        bool truth => truth ? "true" : "false",
        byte[] bytes => Convert.ToBase64String(bytes),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => $"[{string.Join(',', items.Cast<object?>().Select(Item))}]",
        _ => value.ToString() ?? "",
    };

    // An item is JSON.
    private static string Item(object? item) => item switch
    {
        null => "null",
        bool or sbyte or byte or short or ushort or int or uint or long or ulong or decimal => Of(item),
        float number when float.IsFinite(number) => Of(item),
        double number when double.IsFinite(number) => Of(item),
        IEnumerable and not (string or byte[]) => Of(item),
        _ => $"\"{JsonEncodedText.Encode(Of(item), JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"",
    };
}
