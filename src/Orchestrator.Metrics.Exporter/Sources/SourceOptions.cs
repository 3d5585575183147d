namespace Orchestrator.Metrics.Exporter.Sources;

/// <summary>An endpoint whose metrics the exporter serves along with its own.</summary>
internal sealed record SourceOptions
{
    public required string Name { get; init; }

    /// <summary>The keys that the file sets.</summary>
    public required IReadOnlySet<string> Keys { get; init; }

    /// <summary>The address, without user name and password.</summary>
    public required Uri Url { get; init; }

    public required TimeSpan Timeout { get; init; }

    // Zero turns caching off.
    public required TimeSpan CacheFor { get; init; }

    /// <summary>The maximum age of the last good result, which is served if a request fails. Zero for none.</summary>
    public required TimeSpan ServeStaleFor { get; init; }

    // Null for the setting scrape.failure_policy.
    public required FailurePolicy? FailurePolicy { get; init; }

    /// <summary>The maximum length of the response in bytes, after decompression.</summary>
    public required int MaxBytes { get; init; }

    public required string Prefix { get; init; }

    /// <summary>The labels to add to all series.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>The names of the metric families to omit, without <see cref="Prefix"/>.</summary>
    public required IReadOnlySet<string> DropFamilies { get; init; }

    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>The paths of files that contain header values, by header name. Each request reads the files.</summary>
    public required IReadOnlyDictionary<string, string> HeaderFiles { get; init; }

    /// <summary>The path of a file that contains a bearer token. Each request reads the file. Null for none.</summary>
    public required string? BearerTokenFile { get; init; }
}
