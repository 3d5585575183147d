using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>
/// Reads one section of the configuration key by key, and collects its errors. Uses no reflection, so it works with
/// Native AOT. Other packages compile this file too, because no package has access to the internals of another.
/// </summary>
internal sealed class SettingsSection(IConfiguration? configuration, string path)
{
    public const string Registry = "OrchestratorMetrics";
    public const string Collectors = Registry + ":Collectors";
    public const string Endpoint = Registry + ":Endpoint";
    public const string Meters = Registry + ":Meters";
    public const string Operational = Registry + ":Operational";
    public const string OrchestratorApi = Registry + ":OrchestratorApi";
    public const string Relational = Registry + ":Relational";
    public const string Server = Registry + ":Server";

    /// <summary>The key with which orchestrator-core enables its endpoint. It is outside all sections.</summary>
    public const string EnableEndpointKey = "ENABLE_PROMETHEUS_METRICS_ENDPOINT";

    public const string NotABoolean =
        "which is neither true nor false. Set it to true or false; 1/0, yes/no, on/off, t/f and y/n are also valid. " +
        "Case is ignored.";

    private const string NotANumber = "which is not a number. Use '.' as the decimal separator, as in 0.1.";

    private readonly IConfigurationSection? _section = configuration?.GetSection(path);
    private readonly List<string> _keys = [];
    private readonly List<string> _problems = [];

    public IEnumerable<string> Keys => _section?.GetChildren().Select(child => child.Key) ?? [];

    public void ReadDuration(string key, Action<TimeSpan> set) => Read(
        key, set,
        (string text, out TimeSpan value) =>
            TimeSpan.TryParseExact(text, "c", CultureInfo.InvariantCulture, out value) && text.Contains(':'),
        text => (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var days) && !text.Contains(':')
            ? FormattableString.Invariant($"which .NET would read as {days.TotalDays} days")
            : "which is not a duration") + ". Write hours, minutes and seconds, such as 00:01:00 for " +
            "a minute, and a day as 1.00:00:00.");

    public void ReadInteger(string key, Action<int> set) => Read(
        key, set,
        (string text, out int value) =>
            int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value),
        _ => "which is not an integer of at most 2147483647.");

    public void ReadNumber(string key, Action<double> set) => Read(key, set, TryParseNumber, _ => NotANumber);

    public void ReadNumbers(string key, Action<IReadOnlyCollection<double>> set) => ReadList(key, items =>
    {
        var numbers = new List<double>();
        foreach (var item in items)
        {
            if (TryParseNumber(item, out var number))
                numbers.Add(number);
            else
                _problems.Add($"{path}:{key} contains '{item}', {NotANumber}");
        }

        set(numbers);
    });

    public void ReadBoolean(string key, Action<bool> set) =>
        Read(key, set, TryParseBoolean, _ => NotABoolean);

    public void ReadString(string key, Action<string> set, Func<string, bool> isValid, string problem) => Read(
        key, set,
        (string text, out string value) =>
        {
            value = text;
            return isValid(text);
        },
        _ => problem);

    /// <summary>Reads one or more names, separated by commas. A number is an error.</summary>
    public void ReadEnum<TEnum>(string key, Action<TEnum> set)
        where TEnum : struct, Enum => Read(
        key, set,
        (string text, out TEnum value) =>
            Enum.TryParse(text, ignoreCase: true, out value)
            && text.Split(',').All(name => char.IsAsciiLetter(name.AsSpan().TrimStart()[0])),
        _ => $"which is unknown. Known: {string.Join(", ", Enum.GetNames<TEnum>())}.");

    /// <summary>
    /// Reads a list: the values of the keys <c>0</c>, <c>1</c> and so on. An empty string is an empty list, because
    /// .NET reads <c>[]</c> in JSON as one.
    /// </summary>
    public void ReadList(string key, Action<IReadOnlyCollection<string>> set)
    {
        _keys.Add(key);
        var setting = _section?.GetSection(key);
        string[] items = [.. setting?.GetChildren().Select(child => child.Value).OfType<string>() ?? []];
        if (items.Length > 0 || setting?.Value is "")
            set(items);
        else if (setting?.Value is { } value)
            _problems.Add($"{path}:{key} is '{value}', which is not a list. Set {path}:{key}:0 and so on.");
    }

    public void ReadDictionary(string key, Action<IReadOnlyDictionary<string, string>> set)
    {
        _keys.Add(key);
        var items = _section?.GetSection(key).GetChildren().ToArray() ?? [];
        if (Array.Find(items, item => item.Value is null) is { } nested)
            _problems.Add($"{path}:{key}:{nested.Key} is a section, but must be a single value. Set the key itself.");
        else if (items.Length > 0 || _section?[key] is "")
            set(items.ToDictionary(item => item.Key, item => item.Value!));
        else if (_section?[key] is { } value)
            _problems.Add(DescribeValue($"{path}:{key}", value));
    }

    /// <summary>Accepts keys that are read elsewhere.</summary>
    public void Ignore(params IEnumerable<string> keys) => _keys.AddRange(keys);

    public IReadOnlyList<string> GetProblems() =>
    [
        .. _section?.Value is { Length: > 0 } value ? [DescribeValue(path, value)] : Array.Empty<string>(),
        .. _problems,
        .. Keys.Where(key => !_keys.Contains(key, StringComparer.OrdinalIgnoreCase)).Select(
            key => $"{path}:{key} is not a known setting. Known: {string.Join(", ", _keys)}."),
    ];

    public void ThrowIfInvalid<TOptions>(string? name, params IEnumerable<string> others)
    {
        string[] problems = [.. GetProblems(), .. others];
        if (problems.Length > 0)
            throw new OptionsValidationException(name ?? Options.DefaultName, typeof(TOptions), problems);
    }

    /// <summary>Accepts the spellings of pydantic, and therefore of orchestrator-core.</summary>
    public static bool TryParseBoolean(string text, out bool value)
    {
        bool? parsed = text.Trim().ToLowerInvariant() switch
        {
            "true" or "1" or "yes" or "on" or "t" or "y" => true,
            "false" or "0" or "no" or "off" or "f" or "n" => false,
            _ => null,
        };
        value = parsed == true;
        return parsed is not null;
    }

    private static string DescribeValue(string path, string value) =>
        $"{path} is '{value}', but must be a section. Set {path}:<name>.";

    private static bool TryParseNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    private void Read<T>(string key, Action<T> set, TryParse<T> tryParse, Func<string, string> describe)
    {
        _keys.Add(key);
        if (_section?.GetSection(key) is not { } setting)
            return;
        if (setting.Value is not { } text)
        {
            if (setting.GetChildren().Any())
                _problems.Add($"{path}:{key} is a section, but must be a single value. Set the key itself.");
        }
        else if (tryParse(text, out var value))
            set(value);
        else
            _problems.Add($"{path}:{key} is '{text}', {describe(text)}");
    }

    private delegate bool TryParse<T>(string text, out T value);
}
