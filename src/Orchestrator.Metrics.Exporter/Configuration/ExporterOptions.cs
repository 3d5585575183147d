using Orchestrator.Metrics.Exporter.CollectorFiles;
using Orchestrator.Metrics.Exporter.Sources;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>The loaded configuration: options of the exporter, and the configuration of the packages.</summary>
internal sealed class ExporterOptions
{
    public const string BuildInfoPrefix = "wfo_exporter";

    public const string BuildInfoCollector = BuildInfoPrefix + "_build_info";

    /// <summary>The name of the collector for the last reload, and the prefix of its metrics.</summary>
    public const string LastReloadPrefix = BuildInfoPrefix + "_config_last_reload";

    public RunMode Mode { get; set; }

    public string? ConfigFile { get; set; }

    /// <summary>The folder to which paths in the file are relative.</summary>
    public string Folder => Path.GetDirectoryName(Path.GetFullPath(ConfigFile ?? "exporter.yaml"))!;

    public IReadOnlyList<ListenAddress> ListenAddresses { get; set; } = [];

    public IReadOnlyList<string> TelemetryPaths { get; set; } = [];

    public string? WebConfigFile { get; set; }

    public string? BearerTokenFile { get; set; }

    public LogLevel LogLevel { get; set; }

    public bool LogJson { get; set; }

    // Null if unset, which is an error if a collector needs it.
    public Secret? Database { get; set; }

    /// <summary>Whether <see cref="Database"/> is a URI. Otherwise, it is a connection string of Npgsql.</summary>
    public bool DatabaseIsUri { get; set; }

    public int DatabaseMaxConnections { get; set; }

    /// <summary>The environment variables. Those of libpq apply only if <see cref="Database"/> is a URI.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    public bool BuildInfo { get; set; }

    public bool OperationalMetrics { get; set; }

    public string? TextFilePath { get; set; }

    public TimeSpan TextFileInterval { get; set; }

    public Secret? Redis { get; set; }

    public string RedisKeySuffix { get; set; } = "";

    public DefaultCollectors DefaultCollectors { get; set; } = DefaultCollectors.All;

    public bool UsesOrchestratorApi =>
        Packages.Keys.Any(key => key.StartsWith(SettingTable.Api, StringComparison.Ordinal));

    // By the name in the configuration. SQL metrics and sources are always on.
    public bool IsOn(string collector) => collector switch
    {
        "operational" => OperationalMetrics,
        "workers" => UsesOrchestratorApi,
        BuildInfoCollector => BuildInfo,
        LastReloadPrefix => BuildInfo && Mode == RunMode.Serve,
        _ => !SettingTable.PackageCollectors.TryGetValue(collector, out var known)
            || DefaultCollectors.HasFlag(known.Flag),
    };

    // The API replaces the database for WorkflowEngine.
    public DefaultCollectors CollectorsFromDatabase =>
        DefaultCollectors & (UsesOrchestratorApi ? ~DefaultCollectors.WorkflowEngine : DefaultCollectors.All);

    public IReadOnlyList<SqlCollector> SqlCollectors { get; set; } = [];

    public IReadOnlyList<SourceOptions> Sources { get; set; } = [];

    /// <summary>Messages about settings that are valid but probably mistakes.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>The values of settings that apply only after a restart, by the paths of the settings.</summary>
    public Dictionary<string, string> UntilRestart { get; } = [];

    /// <summary>The positions of the settings whose values come from the file, by the paths of the settings.</summary>
    public Dictionary<string, string> Positions { get; } = [];

    /// <summary>The configuration of the packages, such as <c>OrchestratorMetrics:FailurePolicy</c>.</summary>
    public Dictionary<string, string?> Packages { get; } = [];
}
