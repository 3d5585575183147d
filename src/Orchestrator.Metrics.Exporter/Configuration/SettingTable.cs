namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>
/// All settings of the exporter. The file, environment variables, flags, <c>--help</c> and the documentation are
/// derived from this table.
/// </summary>
internal static partial class SettingTable
{
    /// <summary>The section of the file with the options of collectors, by their names.</summary>
    public const string Collectors = "collectors";

    // The sections of the packages' configuration.
    public const string Registry = "OrchestratorMetrics:";
    public const string RegistryCollectors = Registry + "Collectors:";
    public const string Endpoint = Registry + "Endpoint:";
    public const string Api = Registry + "OrchestratorApi:";
    public const string Operational = Registry + "Operational:";
    public const string Relational = Registry + "Relational:";

    private const string LabelHashKey = Registry + nameof(OrchestratorMetricsOptions.LabelHashKey);

    private static readonly Dictionary<string, string> LogLevels = new()
    {
        ["debug"] = nameof(LogLevel.Debug),
        ["info"] = nameof(LogLevel.Information),
        ["warn"] = nameof(LogLevel.Warning),
        ["error"] = nameof(LogLevel.Error),
    };

    private static readonly Dictionary<string, string> LogFormats = new() { ["logfmt"] = "logfmt", ["json"] = "json" };

    public static IReadOnlyDictionary<string, string> FailurePolicies { get; } = new Dictionary<string, string>
    {
        ["report_and_continue"] = nameof(FailurePolicy.ReportAndContinue),
        ["fail_scrape"] = nameof(FailurePolicy.FailScrape),
    };

    /// <summary>All settings, including those of the built-in collectors.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        new("config.file", SettingKind.Text, null, "The configuration file, in YAML.")
            { IsInFile = false, IsPath = true, Apply = (options, value) => options.ConfigFile = value.Text },
        .. GetWeb(), .. GetLog(), .. GetDatabase(), .. GetScrape(), .. GetOperationalMetrics(), .. GetOrchestratorApi(),
        .. GetParts(), .. GetOutput(),
        .. PackageCollectors.Keys.SelectMany(GetCollectorSettings),
    ];

    private static IEnumerable<Setting> GetWeb() =>
    [
        new(
            "web.listen_address", SettingKind.List, "localhost:9799",
            "The addresses to listen on, such as :9799 for all interfaces.")
        {
            NeedsRestart = true,
            Apply = (options, value) => options.ListenAddresses = ListenAddress.ParseAll(value),
        },
        new(
            "web.config.file", SettingKind.Text, null,
            "A file for TLS and passwords, in the format of the exporter toolkit of Prometheus.")
            { IsPath = true, NeedsRestart = true, Apply = (options, value) => options.WebConfigFile = value.Text },
        new(
            "web.bearer_token_file", SettingKind.Text, null,
            "A file with bearer tokens, one per line. Scrapes need one of them.")
            { IsPath = true, NeedsRestart = true, Apply = (options, value) => options.BearerTokenFile = value.Text },
        new("web.telemetry_path", SettingKind.List, "/api/metrics,/metrics", "The paths of the metrics.")
            { Apply = (options, value) => options.TelemetryPaths = ParsePaths(value) },
        new(
            "web.max_requests", SettingKind.Integer, "10",
            "The maximum number of scrapes in flight per path; further scrapes get 503.")
            { Key = Endpoint + "MaxConcurrentScrapes" },
        new("web.compression", SettingKind.Boolean, "true", "Whether to compress responses with gzip.")
            { Key = Endpoint + "Compression" },
        new(
            "web.timeout_offset", SettingKind.Duration, "500ms",
            "The time to subtract from the timeout that Prometheus sends.")
            { Shortest = TimeSpan.Zero, Key = Endpoint + "ScrapeTimeoutOffset" },
        new(
            "web.write_timeout", SettingKind.Duration, "30s",
            "The maximum time for a client to receive the response after the collection. Then the connection is " +
            "aborted.")
            { Key = Endpoint + "WriteTimeout" },
    ];

    private static IReadOnlyList<string> ParsePaths(SettingValue value) =>
        value.Items.Count > 0 && value.Items.All(path => path.StartsWith('/'))
            ? value.Items
            : throw new ConfigurationException(
                [$"{value.Source} must be a list of paths that start with '/', such as /metrics."]);

    private static IEnumerable<Setting> GetLog() =>
    [
        new("log.level", SettingKind.Choice, "info", "The lowest level to log: debug, info, warn or error.")
            { Choices = LogLevels, Apply = (options, value) => options.LogLevel = Enum.Parse<LogLevel>(value.Text) },
        new("log.format", SettingKind.Choice, "logfmt", "The format of the log: logfmt or json.")
            { Choices = LogFormats, Apply = (options, value) => options.LogJson = value.Text == "json" },
    ];

    private static IEnumerable<Setting> GetDatabase() =>
    [
        .. CreateWithFile(
            new(
                "database.uri", SettingKind.Secret, null,
                "The database, in the form of DATABASE_URI of orchestrator-core.")
                { Variable = "DATABASE_URI", Group = "database" },
            (options, secret) => (options.Database, options.DatabaseIsUri) = (secret, true)),
        .. CreateWithFile(
            new("database.connection_string", SettingKind.Secret, null, "The database, in the form of Npgsql.")
                { Variable = "ConnectionStrings__Orchestrator", Group = "database" },
            (options, secret) => (options.Database, options.DatabaseIsUri) = (secret, false)),
        new("database.max_connections", SettingKind.Integer, "5", "The maximum number of connections to the database.")
            { Apply = (options, value) => options.DatabaseMaxConnections = value.Integer },
        new(
            "database.parallel_query", SettingKind.Boolean, "false",
            "Whether PostgreSQL may use parallel workers for the query that counts processes.")
            { Key = Relational + nameof(RelationalOptions.ParallelQuery) },
        new(
            "database.shared_snapshot", SettingKind.Boolean, "false",
            "Whether the collectors of a scrape read one snapshot of the database. Needs one connection per scrape " +
            "in flight, and one more, all to the same server.")
            { Key = Relational + nameof(RelationalOptions.SharedSnapshot) },
    ];

    private static IEnumerable<Setting> GetScrape() =>
    [
        new(
            "scrape.failure_policy", SettingKind.Choice, "report_and_continue",
            "What happens if a collector fails: report_and_continue serves the other metrics, fail_scrape fails the " +
            "scrape.")
            { Choices = FailurePolicies, Key = Registry + nameof(OrchestratorMetricsOptions.FailurePolicy) },
        new(
            "scrape.metrics", SettingKind.Boolean, "true",
            "Whether to add metrics about the collectors; always with report_and_continue.")
            { Key = Registry + nameof(OrchestratorMetricsOptions.ScrapeMetrics) },
        new(
            "scrape.metrics_prefix", SettingKind.Text, "wfo_scrape_collector_",
            "The prefix of the metrics that scrape.metrics adds.")
            { Key = Registry + nameof(OrchestratorMetricsOptions.ScrapeMetricsPrefix) },
        new(
            "scrape.build_info", SettingKind.Boolean, "true",
            "Whether to add wfo_exporter_build_info and the wfo_exporter_config_last_reload_... metrics.")
            { Apply = (options, value) => options.BuildInfo = value.IsTrue },
        new("scrape.collector_timeout", SettingKind.Duration, "30s", "The timeout of each collector.")
            { Key = Registry + nameof(OrchestratorMetricsOptions.CollectorTimeout) },
        new(
            "scrape.max_concurrent_collectors", SettingKind.Integer, "16",
            "The maximum number of collectors that run at the same time.")
            { Key = Registry + nameof(OrchestratorMetricsOptions.MaxConcurrentCollectors) },
        new(
            "scrape.max_samples_per_collector", SettingKind.Integer, "200000",
            "The maximum number of samples of a collector; a collector with more fails.")
            { Key = Registry + nameof(OrchestratorMetricsOptions.MaxSamplesPerCollector) },
        new(
            "scrape.check_duplicate_samples", SettingKind.Boolean, "true",
            "Whether a collector that returns a series twice fails.")
            { Key = Registry + nameof(OrchestratorMetricsOptions.CheckDuplicateSamples) },
        .. CreateWithFile(
            new(
                "scrape.label_hash_key", SettingKind.Secret, null,
                "The key for the pseudonyms of hash_labels: at least 16 characters, the same in all replicas. Create " +
                "a key with: openssl rand -hex 32.")
                { Group = "scrape.label_hash_key", Key = LabelHashKey }),
    ];

    private static IEnumerable<Setting> GetOperationalMetrics() =>
    [
        new(
            "operational.enabled", SettingKind.Boolean, "false",
            "Whether to add metrics that show stuck processes: state, age and recent duration of processes.")
        { Apply = (options, value) => options.OperationalMetrics = value.IsTrue },
        new(
            "operational.window", SettingKind.Duration, null,
            "The period before the scrape in which a process must have ended to be in the recent durations; 1h if " +
            "not set.")
        {
            Shortest = TimeSpan.FromSeconds(1),
            Longest = TimeSpan.FromDays(365),
            Key = Operational + nameof(OperationalMetricsOptions.Window),
        },
        new(
            "operational.buckets", SettingKind.List, null,
            "The upper bounds of the recent durations, in seconds; from 1 to 604800 if not set.")
        { Key = Operational + nameof(OperationalMetricsOptions.Buckets) },
    ];

    private static IEnumerable<Setting> GetOrchestratorApi() =>
    [
        new(
            "orchestrator_api.base_address", SettingKind.Text, null,
            "The address of orchestrator-core without /api. Turns on the metrics of its API: engine status and " +
            "workers.")
        { Key = Api + nameof(OrchestratorApiOptions.BaseAddress) },
        new("orchestrator_api.token", SettingKind.Secret, null, "A bearer token for the API.")
        { Group = "orchestrator_api.token", Key = Api + nameof(OrchestratorApiOptions.Token) },
        new(
            "orchestrator_api.token_file", SettingKind.Text, null,
            "A file that contains the bearer token, read for each request.")
        { IsPath = true, Group = "orchestrator_api.token", Key = Api + nameof(OrchestratorApiOptions.TokenFile) },
        new(
            "orchestrator_api.token_endpoint", SettingKind.Text, null,
            "The address from which tokens are requested with OAuth 2.0 client credentials.")
        { Key = Api + nameof(OrchestratorApiOptions.TokenEndpoint) },
        new("orchestrator_api.client_id", SettingKind.Text, null, "The client identifier for token_endpoint.")
        { Key = Api + nameof(OrchestratorApiOptions.ClientId) },
        .. CreateWithFile(
            new("orchestrator_api.client_secret", SettingKind.Secret, null, "The client secret for token_endpoint.")
            { Group = "orchestrator_api.client_secret", Key = Api + nameof(OrchestratorApiOptions.ClientSecret) }),
        new("orchestrator_api.scope", SettingKind.Text, null, "The scopes to request, separated by spaces.")
        { Key = Api + nameof(OrchestratorApiOptions.Scope) },
        new(
            "orchestrator_api.refresh_every", SettingKind.Duration, null,
            "The interval at which the API is queried in the background; 15s if not set.")
        { Shortest = TimeSpan.FromSeconds(1), Key = Api + nameof(OrchestratorApiOptions.RefreshEvery) },
    ];

    private static IEnumerable<Setting> GetParts() =>
    [
        new(
            "collector_files", SettingKind.Node, null,
            "A list of files with SQL metrics, or of patterns, relative to the folder of the configuration file."),
        new(
            "sources", SettingKind.Node, null,
            "A list of other endpoints whose metrics are added, in the Prometheus text format or in OpenMetrics."),
    ];

    private static IEnumerable<Setting> GetOutput() =>
    [
        new("text_file.path", SettingKind.Text, null, "Also writes the metrics to this file, for node_exporter.")
            { IsPath = true, Apply = (options, value) => options.TextFilePath = value.Text },
        new("text_file.interval", SettingKind.Duration, "1m", "The interval at which the file is written.")
        {
            Shortest = TimeSpan.FromSeconds(1),
            Apply = (options, value) => options.TextFileInterval = value.Duration,
        },
        .. CreateWithFile(
            new(
                "redis.connection", SettingKind.Secret, null,
                "The Redis in which replicas share results, such as redis:6379,password=...")
                { Group = "redis" },
            (options, secret) => options.Redis = secret),
        new(
            "redis.key_suffix", SettingKind.Text, null,
            "The suffix of all keys in Redis. Exporters of different databases need different suffixes.")
            { Apply = (options, value) => options.RedisKeySuffix = value.Text },
    ];

    /// <summary>Returns a secret of the packages, and a second setting for the file that contains it.</summary>
    private static IEnumerable<Setting> CreateWithFile(Setting setting) =>
        [setting, CreateFileSetting(setting, (options, secret) => options.Packages[setting.Key!] = secret.Read())];

    /// <summary>Returns a secret of the exporter, and a second setting for the file that contains it.</summary>
    private static IEnumerable<Setting> CreateWithFile(Setting setting, Action<ExporterOptions, Secret> apply) =>
    [
        setting with { Apply = (options, value) => apply(options, new Secret(value.Source, value.Text, null)) },
        CreateFileSetting(setting, apply),
    ];

    private static Setting CreateFileSetting(Setting setting, Action<ExporterOptions, Secret> apply) => new(
        setting.Path + "_file", SettingKind.Text, null, $"A file that contains {setting.Path}.")
    {
        IsPath = true,
        Variable = setting.Variable + "_FILE",
        Group = setting.Group,
        Apply = (options, value) => apply(options, new Secret(value.Source, null, value.Text)),
    };
}
