using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Database;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Configuration;

public class ConfigurationLoaderTests
{
    [Test]
    public void Defaults_suit_a_shared_production_database()
    {
        var options = Load("");

        Assert.That(options.ListenAddresses.Single().ToString(), Is.EqualTo("localhost:9799"));
        Assert.That(options.TelemetryPaths, Is.EqualTo(new[] { "/api/metrics", "/metrics" }));
        Assert.That(options.DatabaseMaxConnections, Is.EqualTo(5));
        Assert.That(options.Packages, Is.SupersetOf(new Dictionary<string, string?>
        {
            ["OrchestratorMetrics:FailurePolicy"] = "ReportAndContinue",
            ["OrchestratorMetrics:ScrapeMetrics"] = "true",
            ["OrchestratorMetrics:Collectors:ProcessCollector:RefreshEvery"] = "00:01:00",
            ["OrchestratorMetrics:MaxSamplesPerCollector"] = "200000",
            ["OrchestratorMetrics:Relational:ParallelQuery"] = "false",
        }));
    }

    [Test]
    public void Flags_take_precedence_over_variables_and_variables_over_the_file()
    {
        const string Yaml = "web: {max_requests: 1, write_timeout: 1s, timeout_offset: 1s}";
        (string, string)[] variables =
            [("WFO_EXPORTER_WEB_MAX_REQUESTS", "2"), ("WFO_EXPORTER_WEB_WRITE_TIMEOUT", "2s")];

        var options = Load(Yaml, ["--web.max-requests=3"], variables);

        Assert.That(options.Packages, Is.SupersetOf(new Dictionary<string, string?>
        {
            ["OrchestratorMetrics:Endpoint:MaxConcurrentScrapes"] = "3",
            ["OrchestratorMetrics:Endpoint:WriteTimeout"] = "00:00:02",
            ["OrchestratorMetrics:Endpoint:ScrapeTimeoutOffset"] = "00:00:01",
        }));
    }

    [Test]
    public void Every_setting_of_the_table_can_be_in_the_file()
    {
        foreach (var setting in SettingTable.All.Where(setting => setting.IsInFile && setting.Kind != SettingKind.Node))
        {
            var (value, _) = GetExample(setting);
            var keys = setting.Path.Split('.');
            var yaml = string.Concat(keys.Select((key, i) => $"{new string(' ', i)}{key}:{(i < keys.Length - 1 ? "\n" : "")}"));
            Assert.That(
                () => Load($"{yaml} {value}", variables: GetRequiredVariables(setting)), Throws.Nothing, setting.Path);
        }
    }

    [Test]
    public void Every_setting_of_the_table_can_be_a_variable()
    {
        foreach (var setting in SettingTable.All.Where(setting => setting.IsInFile && setting.Kind != SettingKind.Node))
            Assert.That(
                () => Load(
                    "", variables: [(setting.Variable, GetExample(setting).Text), .. GetRequiredVariables(setting)]),
                Throws.Nothing, setting.Path);
    }

    [TestCase("web: {listn_address: [x]}", "1:7: The key 'listn_address' is unknown. Did you mean 'listen_address'?")]
    [TestCase("databse: {}", "1:1: The key 'databse' is unknown. Did you mean 'database'?")]
    [TestCase("web:\n  compression: maybe", "2:16: 'maybe' is not true or false.")]
    [TestCase("web: {compression: true, compression: true}", "1:26: ")]
    [TestCase("collectors: {processes: {timout: 1s}}", "1:26: The key 'timout' is unknown. Did you mean 'timeout'?")]
    [TestCase("collectors:\n  other: {enabled: true}", "2:11: The key 'enabled' is unknown.")]
    [TestCase("web: {telemetry_path: /m}", "1:23: Expected a list")]
    [TestCase("config: {file: x}", "1:1: The key 'config' is unknown.")]
    [TestCase("web: [", "2:1: ")]
    [TestCase("scrape: {label_hash_key_file: ''}", "1:31: '' is not a path.")]
    [TestCase("text_file: {path: \"a\\0b\"}", "1:19: The value contains the character NUL. Remove it.")]
    public void Error_in_the_file_has_a_line_and_a_column(string yaml, string expected)
    {
        Assert.That(
            () => Load(yaml),
            Throws.InstanceOf<ConfigurationException>().With.Message.Contains($"exporter.yaml:{expected}"));
    }

    [Test]
    public void Missing_file_is_an_error_that_names_it_once() => Assert.That(
        () => new ConfigurationLoader(
            CommandLine.Parse(["--config.file=/no/such.yaml"]).Values, BuildVariables()).Load(),
        Throws.InstanceOf<ConfigurationException>().With.Message.EqualTo("The file '/no/such.yaml' does not exist."));

    [TestCase("WFO_EXPORTER_LOG_LEVL", "info", "WFO_EXPORTER_LOG_LEVL is unknown. Did you mean WFO_EXPORTER_LOG_LEVEL?")]
    [TestCase("WFO_EXPORTER_PORT", "9800", "WFO_EXPORTER_PORT is unknown. See --help.")]
    [TestCase("WFO_EXPORTER_PORT_9799_HTTP", "x", "WFO_EXPORTER_PORT_9799_HTTP is unknown. See --help.")]
    [TestCase("WFO_EXPORTER_SERVICE_NAME", "x", "WFO_EXPORTER_SERVICE_NAME is unknown. See --help.")]
    [TestCase("WFO_EXPORTER_LOG_LEVEL", "x", "WFO_EXPORTER_LOG_LEVEL: 'x' is not one of debug, info, warn, error.")]
    public void Wrong_variable_is_an_error(string name, string value, string error) => Assert.That(
        () => Load("", variables: (name, value)),
        Throws.InstanceOf<ConfigurationException>().With.Message.EqualTo($"environment variable {error}"));

    [TestCase("WFO_EXPORTER_SERVICE_HOST", "10.0.0.1")]
    [TestCase("WFO_EXPORTER_PORT", "tcp://10.0.0.1:9799")]
    [TestCase("WFO_EXPORTER_PORT_9799_TCP", "tcp://10.0.0.1:9799")]
    [TestCase("WFO_EXPORTER_METRICS_SERVICE_HOST", "10.0.0.1")]
    [TestCase("WFO_EXPORTER_METRICS_SERVICE_PORT", "9799")]
    [TestCase("WFO_EXPORTER_METRICS_SERVICE_PORT_HTTP_METRICS", "9799")]
    [TestCase("WFO_EXPORTER_METRICS_PORT", "sctp://10.0.0.1:9799")]
    [TestCase("WFO_EXPORTER_METRICS_PORT_9799_UDP", "udp://10.0.0.1:9799")]
    [TestCase("WFO_EXPORTER_METRICS_PORT_9799_TCP_PROTO", "tcp")]
    [TestCase("WFO_EXPORTER_METRICS_PORT_9799_TCP_PORT", "9799")]
    [TestCase("WFO_EXPORTER_METRICS_PORT_9799_TCP_ADDR", "10.0.0.1")]
    [TestCase("WFO_EXPORTER_LOG_LEVEL", "")]
    public void Variables_of_Kubernetes_and_empty_variables_are_ignored(string name, string value) =>
        Assert.That(() => Load("", variables: (name, value)), Throws.Nothing);

    [Test]
    public void Database_set_by_a_variable_replaces_a_database_of_another_form_in_the_file()
    {
        var options = Load("database: {connection_string: Host=file}", variables: ("DATABASE_URI", "postgresql://h/d"));

        Assert.That((options.Database!.Read(), options.DatabaseIsUri), Is.EqualTo(("postgresql://h/d", true)));
    }

    [Test]
    public void Error_of_a_database_in_the_file_has_a_line_and_a_column()
    {
        var options = Load("database:\n  uri: nonsense");

        Assert.That(
            () => ConnectionText.Read(options),
            Throws.InstanceOf<ConfigurationException>().With.Message.Contains("exporter.yaml:2:8: database.uri: It is not a URI."));
    }

    [Test]
    public void Two_databases_in_the_environment_are_an_error() => Assert.That(
        () => Load("", variables: [("DATABASE_URI", "postgresql://h/d"), ("ConnectionStrings__Orchestrator", "Host=h")]),
        Throws.InstanceOf<ConfigurationException>().With.Message.EqualTo(
            "DATABASE_URI and ConnectionStrings__Orchestrator are mutually exclusive. Set only one of them."));

    [Test]
    public void Secret_file_is_read_without_the_line_break_at_its_end()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("uri", "postgresql://h/d \r\n");

        Assert.That(Load("", variables: ("DATABASE_URI_FILE", path)).Database!.Read(), Is.EqualTo("postgresql://h/d "));
        File.WriteAllText(path, "\n");
        Assert.That(
            () => Load("", variables: ("DATABASE_URI_FILE", path)).Database!.Read(),
            Throws.InstanceOf<ConfigurationException>().With.Message.StartWith("DATABASE_URI_FILE: ")
                .And.Message.Contains("is empty"));
    }

    [Test]
    public void Paths_in_the_file_are_relative_to_its_folder_and_other_paths_to_the_working_directory()
    {
        using var folder = new TemporaryFolder();
        folder.Write("uri", "postgresql://h/d");
        folder.Write("redis", "redis:6379");
        var path = folder.Write("exporter.yaml", """
            database: {uri_file: uri}
            redis: {connection_file: ./redis}
            orchestrator_api: {token_file: token}
            text_file: {path: /absolute/metrics.prom}
            web: {config: {file: web.yaml}, bearer_token_file: tokens}
            """);
        var file = new ConfigurationLoader(
            CommandLine.Parse([$"--config.file={Path.GetRelativePath(".", path)}"]).Values, BuildVariables()).Load();
        var other = Load(
            "text_file: {path: of-the-file.prom}", ["--orchestrator-api.token-file=token"], ("DATABASE_URI_FILE", "uri"));

        Assert.That((file.Database!.Read(), file.Redis!.Read()), Is.EqualTo(("postgresql://h/d", "redis:6379")));
        Assert.That(file.TextFilePath, Is.EqualTo("/absolute/metrics.prom"));
        Assert.That(
            (file.WebConfigFile, file.BearerTokenFile),
            Is.EqualTo((Path.Combine(folder.Path, "web.yaml"), Path.Combine(folder.Path, "tokens"))));
        Assert.That(file.Packages["OrchestratorMetrics:OrchestratorApi:TokenFile"], Is.EqualTo(Path.Combine(folder.Path, "token")));
        Assert.That(other.Packages["OrchestratorMetrics:OrchestratorApi:TokenFile"], Is.EqualTo("token"));
        Assert.That(other.Database!.File, Is.EqualTo("uri"));
        Assert.That(other.TextFilePath, Does.EndWith("/of-the-file.prom").And.Not.EqualTo("of-the-file.prom"));
    }

    [Test]
    public void Keys_flags_and_variables_of_settings_are_unique()
    {
        Assert.That(SettingTable.All.Select(setting => setting.Path), Is.Unique);
        Assert.That(SettingTable.All.Select(setting => setting.Variable), Is.Unique);
        Assert.That(SettingTable.All.Select(setting => setting.Flag).OfType<string>(), Is.Unique);
    }

    [TestCase("localhost:9799", "localhost", 9799)]
    [TestCase(":80", "", 80)]
    [TestCase("0.0.0.0:1", "0.0.0.0", 1)]
    [TestCase("[::]:65535", "::", 65535)]
    public void Listen_addresses_have_the_format_of_Go_programs(string text, string host, int port)
    {
        var address = Load("", ["--web.listen-address", text]).ListenAddresses.Single();

        Assert.That((address.Host, address.Port), Is.EqualTo((host, port)));
        Assert.That(address.ToString(), Is.EqualTo(text));
    }

    [TestCase("--web.listen-address=example.org:1", "--web.listen-address 'example.org:1' is not an address.")]
    [TestCase("--web.listen-address=9799", "--web.listen-address '9799' is not an address.")]
    [TestCase("--web.listen-address=:65536", "--web.listen-address ':65536' is not an address.")]
    [TestCase("--web.listen-address=,", "--web.listen-address is empty.")]
    [TestCase("--web.telemetry-path=metrics", "--web.telemetry-path must be a list of paths")]
    [TestCase("--web.telemetry-path=,", "--web.telemetry-path must be a list of paths")]
    public void Invalid_address_or_path_is_an_error(string flag, string error) => Assert.That(
        () => Load("", [flag]), Throws.InstanceOf<ConfigurationException>().With.Message.StartsWith(error));

    private static (string Name, string Value)[] GetRequiredVariables(Setting setting) =>
        setting.Path.EndsWith(".hash_labels", StringComparison.Ordinal)
            ? [("WFO_EXPORTER_SCRAPE_LABEL_HASH_KEY", "0123456789abcdef")]
            : [];

    internal static ExporterOptions Load(
        string yaml, string[]? flags = null, params (string Name, string Value)[] variables)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("exporter.yaml", yaml);
        var line = CommandLine.Parse([.. flags ?? [], $"--config.file={path}"]);
        Assert.That(line.Errors, Is.Empty);
        return new ConfigurationLoader(line.Values, BuildVariables(variables)).Load();
    }

    private static Dictionary<string, string> BuildVariables(params (string Name, string Value)[] variables) =>
        variables.ToDictionary(variable => variable.Name, variable => variable.Value);

    /// <summary>Returns a valid value of a setting, in YAML and as text.</summary>
    private static (string Yaml, string Text) GetExample(Setting setting) => setting.Kind switch
    {
        _ when setting.Path == "web.listen_address" => ("[':1', '[::1]:2']", ":1,[::1]:2"),
        _ when setting.Path == "web.telemetry_path" => ("[/a, /b]", "/a,/b"),
        SettingKind.Duration => ("5s", "5s"),
        SettingKind.Integer => ("3", "3"),
        SettingKind.Share => ("0.5", "0.5"),
        SettingKind.Boolean => ("true", "true"),
        SettingKind.Choice => (setting.Choices.Keys.First(), setting.Choices.Keys.First()),
        SettingKind.List when setting.Labels is { } labels => ($"[{string.Join(", ", labels)}]", string.Join(',', labels)),
        SettingKind.List => ("[a, b]", "a,b"),
        SettingKind.Map => ("{a: b}", "a=b"),

        // The file must exist, because Load reads the files of some settings.
        _ => ("/proc/self/status", "/proc/self/status"),
    };
}
