using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>
/// Reads a file of YAML 1.2 whose root is a map. Collects all errors, but stops at a syntax error.
/// </summary>
/// <remarks>
/// Anchors, aliases and merge keys (<c>&lt;&lt;</c>) work as in other tools: keys of the map take precedence over
/// merged keys. <see cref="BoundedParser"/> rejects application tags (<c>!env</c>), several documents and complex keys.
/// </remarks>
internal static class YamlFile
{
    private const int MaxLength = 1024 * 1024;

    /// <summary>Reads a file. An empty file is an empty map. Returns null after an error.</summary>
    public static YamlMap? Load(string path, ConfigurationErrors errors)
    {
        try
        {
            var text = BoundedFile.Read(path, MaxLength, new UTF8Encoding(false, throwOnInvalidBytes: true));
            return Parse(text, path, errors);
        }
        catch (DecoderFallbackException)
        {
            errors.Add($"The file '{path}' is not UTF-8. Save it in this encoding.");
        }
        catch (IOException exception)
        {
            errors.Add(exception.Message);
        }

        return null;
    }

    /// <summary>Parses the text of a file. Empty text is an empty map. Returns null after an error.</summary>
    public static YamlMap? Parse(string text, string file, ConfigurationErrors errors)
    {
        var stream = new YamlStream();
        var parser = new Parser(new StringReader(text));
        try
        {
            stream.Load(new BoundedParser(parser));
        }
        catch (YamlException exception)
        {
            errors.Add(file, FindPosition(exception, text), exception.Message);
            return null;
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException)
        {
            // The parser throws these for some syntax errors, with messages about its own state.
            errors.Add(
                file, parser.Current?.End ?? Mark.Empty,
                "The file is not valid YAML near this place. Look for a missing '}', ']' or value, or an invalid " +
                "escape sequence.");
            return null;
        }

        var source = new YamlSource(file, errors);
        var root = stream.Documents.Count == 0 ? new YamlMappingNode() : stream.Documents[0].RootNode;
        var value = new YamlValue(root, source);
        return value.IsNull ? new YamlMap(new YamlMappingNode(), source) : value.AsMap();
    }

    // The parser reports a tab in the indentation at the start of the enclosing block.
    private static Mark FindPosition(YamlException exception, string text)
    {
        if (!exception.Message.Contains("tab", StringComparison.OrdinalIgnoreCase))
            return exception.Start;
        var lines = text.Split('\n');
        for (var line = Math.Max(0, (int)exception.Start.Line - 1); line < lines.Length; line++)
        {
            var column = lines[line].Length - lines[line].AsSpan().TrimStart(' ').Length;
            if (column < lines[line].Length && lines[line][column] == '\t')
                return new Mark(0, line + 1, column + 1);
        }

        return exception.Start;
    }
}
