namespace Orchestrator.Metrics.Exporter.Sources;

/// <summary>An endpoint whose metrics the exporter serves along with its own.</summary>
internal sealed record SourceOptions
{
    /// <summary>The default of <see cref="MaxBytes"/>: 16 MiB.</summary>
    public const int DefaultMaxBytes = 16 * 1024 * 1024;

    /// <summary>The name in logs, errors and scrape metrics.</summary>
    public required string Name { get; init; }

    /// <summary>The keys that the file sets.</summary>
    public IReadOnlySet<string> Keys { get; init; } = new HashSet<string>();

    /// <summary>The address, without user name and password.</summary>
    public required Uri Url { get; init; }

    /// <summary>The default of <see cref="Timeout"/>: 10 s, so that a hanging source soon frees its slot.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The timeout of a request.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The duration for which a result is cached. Zero turns caching off.</summary>
    public TimeSpan CacheFor { get; init; }

    /// <summary>The maximum age of the last good result, which is served if a request fails. Zero for none.</summary>
    public TimeSpan ServeStaleFor { get; init; }

    /// <summary>Whether a failure fails the scrape. Null for the setting <c>scrape.failure_policy</c>.</summary>
    public FailurePolicy? FailurePolicy { get; init; }

    /// <summary>The maximum length of the response in bytes, after decompression.</summary>
    public int MaxBytes { get; init; } = DefaultMaxBytes;

    /// <summary>The prefix of all metric names.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>The labels to add to all series.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>The names of the metric families to omit, without <see cref="Prefix"/>.</summary>
    public IReadOnlySet<string> DropFamilies { get; init; } = new HashSet<string>();

    /// <summary>Headers of the request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>The paths of files that contain header values, by header name. Each request reads the files.</summary>
    public IReadOnlyDictionary<string, string> HeaderFiles { get; init; } = new Dictionary<string, string>();

    /// <summary>The path of a file that contains a bearer token. Each request reads the file. Null for none.</summary>
    public string? BearerTokenFile { get; init; }
}
