using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Sources;

/// <summary>Reads the key <c>sources</c> of the configuration.</summary>
internal static class SourceReader
{
    private const int DefaultMaxBytes = 16 * 1024 * 1024;

    // The largest response that ExpositionTextCollector parses.
    private const int LargestMaxBytes = 256 * 1024 * 1024;

    // A hanging source soon frees its slot.
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Returns the sources, and adds errors for invalid keys and values. Paths are relative to the folder. No source
    /// may have the name of a collector.
    /// </summary>
    public static IReadOnlyList<SourceOptions> Read(YamlValue? value, string folder, IEnumerable<string> collectors)
    {
        // The names of collectors in the packages' configuration also ignore case.
        var names = new HashSet<string>(collectors, StringComparer.OrdinalIgnoreCase);
        var sources = new List<SourceOptions>();
        foreach (var item in value?.AsList() ?? [])
        {
            if (item.AsMap() is not { } map || Read(map, folder) is not { } source)
                continue;
            if (!names.Add(source.Name))
                map.AddError("name", $"A source or collector '{source.Name}' is already defined. Rename one of them.");
            else if ((SettingTable.FindNameProblem(source.Name) ?? MetricSources.FindError(source)) is { } error)
                map.AddError("name", error);
            else
                sources.Add(source);
        }

        return sources;
    }

    private static SourceOptions? Read(YamlMap map, string folder)
    {
        var name = map.Require("name")?.AsNonEmptyString();
        var url = ReadUrl(map.Require("url"));
        var headers = ReadStrings(map.Find("headers"));
        var headerFiles = map.Find("header_files")?.AsMap()?.Entries
            .ToDictionary(header => header.Key, header => ReadPath(header.Value, folder) ?? "") ?? [];
        var tokenFile = map.Find("bearer_token_file") is { } path ? ReadPath(path, folder) : null;
        CheckHeaders(map, headers, headerFiles, tokenFile);
        var source = new SourceOptions
        {
            Name = name ?? "",
            Keys = map.Entries.Where(entry => !entry.Value.IsNull).Select(entry => entry.Key).ToHashSet(),
            Url = url ?? new Uri("http://localhost"),
            Timeout = ReadDuration(map.Find("timeout")) ?? DefaultTimeout,
            CacheFor = ReadDuration(map.Find("cache_for")) ?? TimeSpan.Zero,
            ServeStaleFor = ReadDuration(map.Find("serve_stale_for")) ?? TimeSpan.Zero,
            FailurePolicy = ReadPolicy(map.Find("failure_policy")),
            MaxBytes = ReadSize(map.Find("max_bytes")),
            Prefix = map.Find("prefix")?.AsString() ?? "",
            Labels = ReadStrings(map.Find("labels")),
            DropFamilies = ReadDropped(map),
            Headers = headers,
            HeaderFiles = headerFiles,
            BearerTokenFile = tokenFile,
        };
        map.RejectUnknownKeys();
        return name is null || url is null ? null : source;
    }

    private static Uri? ReadUrl(YamlValue? value)
    {
        if (value?.AsNonEmptyString() is not { } text)
            return null;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            value.AddError("The value is not a URL. Set one such as http://orchestrator:8080/api/metrics.");
        else if (url.UserInfo.Length > 0)
            value.AddError(
                "The URL contains a user name or password, which would be logged. Put the value of the header " +
                "Authorization into a file, and set header_files.");
        else
            return url;
        return null;
    }

    private static TimeSpan? ReadDuration(YamlValue? value)
    {
        if (value?.AsDuration() is not { } duration)
            return null;
        if (duration <= Setting.DefaultLongest)
            return duration;
        value.AddError("The duration is longer than a day. Set a shorter one.");
        return null;
    }

    private static FailurePolicy? ReadPolicy(YamlValue? value)
    {
        if (value?.AsString() is not { } name)
            return null;
        if (SettingTable.FailurePolicies.TryGetValue(name, out var policy))
            return Enum.Parse<FailurePolicy>(policy);
        value.AddError($"The policy is unknown. Set one of: {string.Join(", ", SettingTable.FailurePolicies.Keys)}.");
        return null;
    }

    private static int ReadSize(YamlValue? value)
    {
        if (value?.AsInteger() is not { } size)
            return DefaultMaxBytes;
        if (size is > 0 and <= LargestMaxBytes)
            return size;
        value.AddError($"The size is not between 1 and {LargestMaxBytes} bytes. Correct it.");
        return DefaultMaxBytes;
    }

    private static HashSet<string> ReadDropped(YamlMap map)
    {
        HashSet<string> dropped = [.. map.FindStrings("drop_families")];
        if (map.Find("drop_default_families")?.AsBoolean() == true)
            dropped.UnionWith(DefaultFamilies.Names);
        return dropped;
    }

    private static Dictionary<string, string> ReadStrings(YamlValue? value) =>
        (value?.AsMap()?.Entries ?? []).ToDictionary(entry => entry.Key, entry => entry.Value.AsString() ?? "");

    private static string? ReadPath(YamlValue value, string folder)
    {
        if (value.AsNonEmptyString() is not { } path)
            return null;
        var full = Path.Combine(folder, path);
        try
        {
            Secret.ReadFile(full);
        }
        catch (IOException exception)
        {
            value.AddError(exception.Message);
        }

        return full;
    }

    private static void CheckHeaders(
        YamlMap map, Dictionary<string, string> headers, Dictionary<string, string> files, string? tokenFile)
    {
        using var request = new HttpRequestMessage();
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        if (tokenFile is not null)
            names.Add("Authorization");
        foreach (var (name, text) in headers.Concat(files.Select(file => KeyValuePair.Create(file.Key, "x"))))
        {
            var key = headers.ContainsKey(name) ? "headers" : "header_files";
            if (!names.Add(name))
                map.AddError(key, $"The header '{name}' is set twice. Remove one of them.");
            else if (!request.Headers.TryAddWithoutValidation(name, text) || text.AsSpan().ContainsAny('\r', '\n'))
                map.AddError(key, $"The header '{name}' cannot be sent: its name or its value is invalid. Correct it.");
        }
    }
}
