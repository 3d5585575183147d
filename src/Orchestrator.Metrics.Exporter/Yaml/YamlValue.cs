using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>
/// A value in a file. The conversion methods add an error at its position and return null if its type does not match.
/// </summary>
internal sealed class YamlValue(YamlNode node, YamlSource source)
{
    // In the format of errors: exporter.yaml:12:5.
    public string Position => FormattableString.Invariant($"{source.File}:{node.Start.Line}:{node.Start.Column}");

    /// <summary>Whether the value is null in YAML: empty, <c>~</c>, <c>null</c>, <c>Null</c> or <c>NULL</c>.</summary>
    public bool IsNull => Plain is "" or "~" or "null" or "Null" or "NULL";

    // Quoted and block scalars are always strings.
    private string? Plain => node is YamlScalarNode { Style: ScalarStyle.Plain } scalar ? scalar.Value ?? "" : null;

    public void AddError(string message) => source.Errors.Add(source.File, node.Start, message);

    /// <summary>Returns the string. A number or a Boolean is returned as written.</summary>
    public string? AsString()
    {
        if (node is not YamlScalarNode { Value: { } value } || IsNull)
            return Reject<string>("a string");

        // Neither a path nor a query may contain NUL, and the runtime would throw.
        if (!value.Contains('\0', StringComparison.Ordinal))
            return value;
        AddError("The value contains the character NUL. Remove it.");
        return null;
    }

    public string? AsNonEmptyString()
    {
        var text = AsString();
        if (text != "")
            return text;
        AddError("The value is empty. Set it.");
        return null;
    }

    /// <summary>Returns a Boolean of YAML 1.2 or 1.1, in which <c>yes</c> and <c>on</c> are true.</summary>
    public bool? AsBoolean() => Plain?.ToLowerInvariant() switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => RejectValue<bool>("true or false"),
    };

    public int? AsInteger() =>
        int.TryParse(Plain, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : RejectValue<int>("an integer of at most 2147483647");

    /// <summary>Returns a number, which may be <c>.inf</c> or <c>.nan</c>.</summary>
    public double? AsNumber() => Plain?.ToLowerInvariant() switch
    {
        ".inf" or "+.inf" => double.PositiveInfinity,
        "-.inf" => double.NegativeInfinity,
        ".nan" => double.NaN,
        { } text when double.TryParse(
            text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && double.IsFinite(value) => value,
        _ => RejectValue<double>("a number such as 0.1"),
    };

    public TimeSpan? AsDuration() => PrometheusDuration.TryParse((node as YamlScalarNode)?.Value, out var value)
        ? value
        : RejectValue<TimeSpan>("a duration such as 500ms, 30s or 1h30m");

    public YamlMap? AsMap() =>
        node is YamlMappingNode map ? new YamlMap(map, source) : Reject<YamlMap>("a map: lines of 'key: value'");

    public IReadOnlyList<YamlValue>? AsList() => node is YamlSequenceNode list
        ? [.. list.Select(item => new YamlValue(item, source))]
        : Reject<IReadOnlyList<YamlValue>>("a list: lines of '- value'");

    private T? Reject<T>(string expected)
        where T : class
    {
        AddMismatch(expected);
        return null;
    }

    private T? RejectValue<T>(string expected)
        where T : struct
    {
        AddMismatch(expected);
        return null;
    }

    // A value in the wrong place may be a secret, so an error only describes it.
    private void AddMismatch(string expected) => AddError($"Expected {expected}, but this is {DescribeKind()}.");

    private string DescribeKind() => node switch
    {
        YamlMappingNode => "a map",
        YamlSequenceNode => "a list",
        _ when IsNull => "empty",
        _ when Plain is null => "a quoted string",
        _ => "another value",
    };
}
