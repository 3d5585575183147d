using System.Net.Http.Headers;

namespace Orchestrator.Metrics.Exposition;

internal static class AcceptHeader
{
    // Longer headers are considered hostile: Prometheus sends about 300 characters.
    private const int MaxLength = 4096;

    public static ExpositionFormat Negotiate(string? accept)
    {
        ExpositionFormat? best = null;
        var bestQuality = 0.0;
        if (accept is { Length: > 0 and <= MaxLength })
        {
            foreach (var element in SplitElements(accept))
            {
                if (!MediaTypeWithQualityHeaderValue.TryParse(element, out var mediaType))
                    continue;
                var quality = GetParameter(mediaType, "q") is null ? 1 : mediaType.Quality ?? 0;
                if (quality > bestQuality && quality <= 1 && FindFormat(mediaType) is { } format)
                    (best, bestQuality) = (format, quality);
            }
        }

        return best ?? ExpositionFormat.PrometheusText;
    }

    private static IEnumerable<string> SplitElements(string header)
    {
        var quoted = false;
        var start = 0;
        for (var i = 0; i < header.Length; i++)
        {
            if (header[i] == '\\' && quoted)
            {
                i++;
            }
            else if (header[i] == '"')
            {
                // A quote that no other quote follows invalidates only its own element.
                quoted = !quoted && header.IndexOf('"', i + 1) > 0;
            }
            else if (header[i] == ',' && !quoted)
            {
                yield return header[start..i].Trim();
                start = i + 1;
            }
        }

        yield return header[start..].Trim();
    }

    private static ExpositionFormat? FindFormat(MediaTypeWithQualityHeaderValue mediaType)
    {
        var version = GetParameter(mediaType, "version");
        var format = mediaType.MediaType?.ToLowerInvariant() switch
        {
            ExpositionFormat.OpenMetricsType or "application/*" => version switch
            {
                null or "1.0.0" => ExpositionFormat.OpenMetrics,
                "0.0.1" => ExpositionFormat.OpenMetrics001,
                _ => null,
            },
            ExpositionFormat.TextType or "text/*" or "*/*" => version switch
            {
                null or "0.0.4" => ExpositionFormat.PrometheusText,
                "1.0.0" => ExpositionFormat.PrometheusTextV1,
                _ => null,
            },
            ExpositionFormat.ProtobufType when IsFamily(mediaType) => ExpositionFormat.Protobuf,
            _ => null,
        };
        return format is { HasEscaping: true } ? format.WithEscaping(GetEscaping(mediaType)) : format;
    }

    // The other encodings of the media type are for debugging, and other messages belong to other protocols.
    private static bool IsFamily(MediaTypeWithQualityHeaderValue mediaType) =>
        GetParameter(mediaType, "proto") == ExpositionFormat.ProtobufMessage
        && GetParameter(mediaType, "encoding") == ExpositionFormat.ProtobufEncoding;

    private static EscapingScheme GetEscaping(MediaTypeWithQualityHeaderValue mediaType) =>
        GetParameter(mediaType, "escaping")?.ToLowerInvariant() switch
        {
            "allow-utf-8" or "allow-utf8" => EscapingScheme.AllowUtf8,
            "dots" => EscapingScheme.Dots,
            "values" => EscapingScheme.Values,
            _ => EscapingScheme.Underscores,
        };

    private static string? GetParameter(MediaTypeWithQualityHeaderValue mediaType, string name)
    {
        foreach (var parameter in mediaType.Parameters)
        {
            if (string.Equals(parameter.Name, name, StringComparison.OrdinalIgnoreCase))
                return parameter.Value?.Trim('"');
        }

        return null;
    }
}
