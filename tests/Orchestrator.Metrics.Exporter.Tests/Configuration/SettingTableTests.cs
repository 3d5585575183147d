using System.Globalization;
using System.Text;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Configuration;

public class SettingTableTests
{
    // The page is generated from the table. To update the page after a change, set UPDATE_DOCS=1 and run this test.
    [Test]
    public void Configuration_page_documents_every_setting()
    {
        var page = Path.Combine(TestFiles.Root, "src", "Orchestrator.Metrics.Exporter", "docs", "configuration.md");
        var expected = Render();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1")
            File.WriteAllText(page, expected);

        Assert.That(File.ReadAllText(page), Is.EqualTo(expected), "Set UPDATE_DOCS=1 and run this test.");
    }

    [Test]
    public void Text_of_a_value_is_its_source_because_values_may_be_secrets() => Assert.That(
        new SettingValue { Text = "S3cret", Source = "DATABASE_URI" }.ToString(), Is.EqualTo("DATABASE_URI"));

    // Each case lists the options that are not settings: the exporter sets them itself, or only code can set them.
    [TestCase(typeof(OrchestratorMetricsOptions), "",
        "DefaultCollectors", "WaitForFirstRefresh")]
    [TestCase(typeof(CollectorOptions), "Collectors:ProcessCollector:",
        "Name", "FamilyNames", "LabelNames", "Tags", "PublishToMeter", "SharedVersion")]
    [TestCase(typeof(MetricsEndpointOptions), "Endpoint:", "EnableEndpoint", "Predicate")]
    [TestCase(typeof(RelationalOptions), "Relational:", "Dialect", "RunningProcesses")]
    [TestCase(typeof(OrchestratorApiOptions), "OrchestratorApi:")]
    [TestCase(typeof(OperationalMetricsOptions), "Operational:")]
    public void Options_of_the_packages_are_settings(Type options, string section, params string[] others)
    {
        var keys = SettingTable.All.Select(setting => setting.Key).OfType<string>()
            .Where(key => key.StartsWith($"OrchestratorMetrics:{section}", StringComparison.Ordinal))
            .Select(key => key[$"OrchestratorMetrics:{section}".Length..]).Where(key => !key.Contains(':'));

        Assert.That(keys.Concat(others), Is.EquivalentTo(options.GetProperties().Select(property => property.Name)));
    }

    [Test]
    public void Defaults_of_settings_are_valid()
    {
        foreach (var setting in SettingTable.All.Where(setting => setting.Default is not null))
            Assert.That(setting.Parse(setting.Default!, out var problem), Is.Not.Null, $"{setting.Path}: {problem}");
    }

    private static string Render()
    {
        var page = new StringBuilder(
            """
            # Configuration of the exporter

            Set most settings with a key of the YAML file that `--config.file` names, with an environment variable, or with a flag.
            Flags take precedence over variables, and variables over the file. A key such as `web.listen_address` is
            `listen_address` in the section `web`:

            ```yaml
            web:
              listen_address: ["localhost:9799"]
            collectors:
              processes:
                refresh_every: 5m
                drop_labels: [created_by]
            ```

            - An unknown or duplicate key, an unknown flag, and an unknown variable that starts with `WFO_EXPORTER_` are errors.
              Variables that Kubernetes sets for services are ignored.
            - Write durations as `500ms`, `30s`, `5m`, `1h30m` or `1d`. The maximum is `1d`, with two exceptions: `365d` for
              `operational.window`, and none for `serve_stale_for` of collectors.
            - In flags and variables, separate the values of a list with commas, and write a map as `name=value,name=value`.
            - The flag of a key is `--` and the key with `-` for `_`: `--web.listen-address`. Secrets have no flag, because all
              users of a machine can read the flags of a program. Set the variable, or put the secret into a file.
            - In the file, paths are relative to the folder of the file. In flags and variables, they are relative to the working
              directory.
            - Changed secrets apply without a restart if they are in these files, which the exporter reads again:
              - `database.uri_file` and `database.connection_string_file`, before it opens a connection
              - `orchestrator_api.token_file` and the files of [sources](sources.md), for each request
              - `web.config.file` and `web.bearer_token_file`, for each
                [connection or request](security.md#changes-without-a-restart)
            - The exporter reads `redis.connection_file`, `scrape.label_hash_key_file` and `orchestrator_api.client_secret_file`
              only at the start and at SIGHUP.
            - For parameters that `DATABASE_URI` omits, the environment variables of libpq apply, such as `PGSSLMODE`, `PGHOST` and
              `PGUSER`. A variable without an Npgsql counterpart, such as `PGSERVICE`, is an error.
            - SIGHUP reloads the YAML file. If the file is invalid, the exporter logs the errors and keeps the previous
              configuration. A valid file applies even if the database is down: the metrics of background refreshes are then missing
              until the first refresh after the database is available again.
            - Changes of `web.listen_address`, `web.config.file` and `web.bearer_token_file` need a restart. Changes of the contents
              of the two files do not; see [security](security.md#changes-without-a-restart).


            """);
        foreach (var section in SettingTable.All.GroupBy(setting => setting.Path.Split('.')[0]))
        {
            if (section.Key == SettingTable.Collectors)
                continue;
            AppendTable(page, section.Key, section);
            if (section.Key is "collector_files")
                page.Append("See [SQL metrics](sql-metrics.md).\n\n");
            if (section.Key is "web")
                page.Append("See [security](security.md).\n\n");
            if (section.Key is "sources")
                page.Append("See [sources](sources.md).\n\n");
            if (section.Key is "redis")
                page.Append("See [several exporters](installation.md#several-exporters-of-one-database).\n\n");
            if (section.Key is "text_file")
                page.Append(
                    """
                    node_exporter reads only files whose names end in `.prom`, and skips a file whose samples have timestamps, such as those
                    of `timestamp_value` in [SQL metrics](sql-metrics.md#keys). The file remains after the exporter has stopped. The metric
                    `node_textfile_mtime_seconds` of node_exporter is the time when the file was last written.


                    """);
        }

        page.Append(
            """
            ## collectors

            These settings exist for the built-in collectors `subscriptions`, `processes`, `workflow_engine`, `operational` and
            `workers`. In the file, they also exist for each source, under its `name`, and for each collector file, under its
            `collector_name`. `enabled` exists only for the first three collectors: `operational.enabled` turns on `operational`,
            and `orchestrator_api.base_address` turns on `workers`. Variables have the form
            `WFO_EXPORTER_COLLECTORS_PROCESSES_TIMEOUT`. In the log and in the label `collector` of `wfo_scrape_collector_…`, the
            names of the built-in collectors are `SubscriptionCollector`, `ProcessCollector`, `WorkflowEngineCollector`,
            `OperationalCollector` and `OrchestratorWorkerCollector`.

            With `orchestrator_api.base_address`, `workflow_engine` and `workers` have other defaults: `refresh_every` is
            `orchestrator_api.refresh_every`, `max_refresh_share` is 1, `wait_for_first_result` is false, and `timeout` is `10s`.

            Set `refresh_every` or `cache_for` of a collector, not both. Each of them replaces the defaults of both, and
            `min_interval` of a collector file. In a flag or a variable, each of them also replaces both settings in the file.


            """);
        AppendRows(page, SettingTable.GetCollectorSettings("processes").Select(
            setting => setting with { Path = setting.Path.Replace("processes", "<name>", StringComparison.Ordinal) }),
            withVariable: false);
        return page.ToString().ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
    }

    private static void AppendTable(StringBuilder page, string title, IEnumerable<Setting> settings)
    {
        page.Append(CultureInfo.InvariantCulture, $"## {title}\n\n");
        AppendRows(page, settings, withVariable: true);
        page.Append('\n');
    }

    private static void AppendRows(StringBuilder page, IEnumerable<Setting> settings, bool withVariable)
    {
        page.Append(withVariable
            ? "| key | variable | default | meaning |\n|---|---|---|---|\n"
            : "| key | default | meaning |\n|---|---|---|\n");
        foreach (var setting in settings)
        {
            page.Append(CultureInfo.InvariantCulture, $"| `{setting.Path}` | ");
            if (withVariable)
                page.Append(setting.Kind == SettingKind.Node ? "– | " : $"`{setting.Variable}` | ");
            page.Append(setting.Default is { } value ? $"`{value}`" : "–");
            if (!withVariable && setting.Path.EndsWith("refresh_every", StringComparison.Ordinal))
                page.Append(" for `processes` and `operational`");
            page.Append(CultureInfo.InvariantCulture, $" | {setting.Description}{(setting.NeedsRestart ? " Needs a restart." : "")} |\n");
        }
    }
}
