using System.Collections;
using System.Globalization;
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
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        IEnumerable items => $"[{string.Join(',', items.Cast<object?>().Select(Item))}]",
        _ => value.ToString() ?? "",
    };

    private static string Item(object? item) => item switch
    {
        null => "null",
        string text => $"\"{JsonEncodedText.Encode(text)}\"",
        _ => Of(item),
    };
}
