using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Configuration;

// Errors in settings have positions and remedies, and are reported together.
public class ConfigurationErrorTests
{
    [TestCase("processes", "[created]", "'created'. Did you mean 'created_by'?")]
    [TestCase("processes", "[created_by, insync]", "'insync'. Labels: last_status, created_by, is_task, product_name, " +
        "workflow_name, customer_id, workflow_target.")]
    [TestCase("workflow_engine", "[insync]", "'insync'. Labels: none.")]
    public void Unknown_label_in_the_file_is_an_error_at_its_position(
        string collector, string labels, string problem)
    {
        foreach (var key in new[] { "drop_labels", "hash_labels" })
        {
            var column = labels.LastIndexOfAny(['[', ' ']) + key.Length + 8;
            Assert.That(
                () => ConfigurationLoaderTests.Load($"collectors:\n  {collector}:\n    {key}: {labels}"),
                Throws.InstanceOf<ConfigurationException>().With.Message.EndsWith(
                    $"exporter.yaml:3:{column}: The collector has no label {problem}"));
        }
    }

    [Test]
    public void Unknown_label_in_a_variable_is_an_error_that_names_the_variable() => Assert.That(
        () => ConfigurationLoaderTests.Load("", variables: ("WFO_EXPORTER_COLLECTORS_SUBSCRIPTIONS_DROP_LABELS", "insync,is_task")),
        Throws.InstanceOf<ConfigurationException>().With.Message.EqualTo(
            "environment variable WFO_EXPORTER_COLLECTORS_SUBSCRIPTIONS_DROP_LABELS: The collector has no label 'is_task'. " +
            "Labels: product_name, lifecycle_state, customer_id, insync."));

    [TestCase("collectors:\n  operational: {enabled: true}", "2:17: The key 'enabled' is unknown. Set operational.enabled.")]
    [TestCase("collectors:\n  workers: {enabled: true}",
        "2:13: The key 'enabled' is unknown. Set orchestrator_api.base_address, which turns it on.")]
    [TestCase("web.listen_address: x",
        "1:1: The key 'web.listen_address' is unknown. Write 'listen_address' in the section 'web'.")]
    [TestCase("web: {config.file: x}", "1:7: The key 'config.file' is unknown. Write 'file' in the section 'web.config'.")]
    [TestCase("collectors:\n  processes: {hash_labels: [created_by]}", "2:28: collectors.processes.hash_labels needs " +
        "scrape.label_hash_key. Set it to the output of 'openssl rand -hex 32', the same in all replicas.")]
    public void Key_that_is_misplaced_or_needs_another_key_is_an_error_with_a_remedy(
        string yaml, string error) => Assert.That(
            () => ConfigurationLoaderTests.Load(yaml),
            Throws.InstanceOf<ConfigurationException>().With.Message.EndsWith("exporter.yaml:" + error));

    [TestCase("subscriptions: {enabled: false, hash_labels: [customer_id]}")]
    [TestCase("operational: {hash_labels: [workflow_name]}")]
    [TestCase("workers: {hash_labels: [state]}")]
    public void Collector_that_is_off_needs_no_key_for_its_hashed_labels(string collector) =>
        Assert.That(() => ConfigurationLoaderTests.Load($"collectors: {{{collector}}}"), Throws.Nothing);

    [TestCase("WFO_EXPORTER_COLLECTOR_FILES", "Set collector_files in the configuration file.")]
    [TestCase("WFO_EXPORTER_SOURCES", "Set sources in the configuration file.")]
    [TestCase("WFO_EXPORTER_COLLECTORS_MY_API_TIMEOUT", "This collector has no variables. Set collectors.my-api.timeout in " +
        "the configuration file.")]
    [TestCase("WFO_EXPORTER_COLLECTORS_PROCESS_TIMEOUT", "This collector has no variables. Set collectors.process.timeout in " +
        "the configuration file.")]
    [TestCase("WFO_EXPORTER_COLLECTORS_WFO_EXPORTER_BUILD_INFO_TIMEOUT", "This collector has no variables. Set " +
        "collectors.wfo_exporter_build_info.timeout in the configuration file.")]
    [TestCase("WFO_EXPORTER_COLLECTORS_MINE_TIMEOUT", "Collectors of collector_files and sources have no variables. Set their " +
        "options in the configuration file. See --help.")]
    [TestCase("WFO_EXPORTER_COLLECTORS_PROCESES_TIMEOUT", "Collectors of collector_files and sources have no variables. Set " +
        "their options in the configuration file. Did you mean WFO_EXPORTER_COLLECTORS_PROCESSES_TIMEOUT?")]
    public void Variable_without_a_setting_is_an_error_with_a_remedy(string variable, string remedy) => Assert.That(
        () => ConfigurationLoaderTests.Load(
            "sources: [{name: my-api, url: 'http://h'}, {name: process, url: 'http://h'}]", variables: (variable, "x")),
        Throws.InstanceOf<ConfigurationException>().With.Message.EqualTo(
            $"environment variable {variable} is unknown. {remedy}"));

    [TestCase("processes", "'processes' is the name of a built-in collector. Choose another name.")]
    [TestCase("Workflow_Engine", "'Workflow_Engine' is the name of a built-in collector. Choose another name.")]
    [TestCase("SubscriptionCollector", "'SubscriptionCollector' is the name of a built-in collector. Choose another name.")]
    [TestCase("wfo_exporter_build_info", "'wfo_exporter_build_info' is the name of a built-in collector. Choose another name.")]
    [TestCase("wfo_exporter_config_last_reload", "'wfo_exporter_config_last_reload' is the name of a built-in collector. " +
        "Choose another name.")]
    [TestCase("net:ports", "The name 'net:ports' contains ':', which separates keys of the configuration. Remove it.")]
    public void Invalid_name_of_a_source_or_collector_file_is_an_error(string name, string error)
    {
        var errors = LoadErrors(
            $"collector_files: [a.yml]\nsources:\n  - {{name: {name}, url: 'http://h'}}\n",
            $"collector_name: {name}\nmetrics: [{{metric_name: a, type: gauge, help: A., values: [a], query: SELECT 1 AS a}}]\n");

        Assert.That(errors, Is.EqualTo(new[] { $"a.yml:1:17: {error}", $"exporter.yaml:3:6: {error}" }));
    }

    [Test]
    public void Keys_of_a_map_that_differ_only_in_case_are_an_error_at_the_second_key() => Assert.That(
        () => ConfigurationLoaderTests.Load("collectors:\n  processes:\n    add_labels: {Site: a, site: b}"),
        Throws.InstanceOf<ConfigurationException>().With.Message.EndsWith(
            "exporter.yaml:3:27: The key 'site' occurs twice, ignoring case. Remove or rename one of them."));

    [Test]
    public void All_errors_of_a_configuration_are_reported_together()
    {
        var errors = LoadErrors(
            """
            web: {listen_address: [x:1], telemetry_path: [metrics], max_request: 1}
            database: {uri: postgresql://h, connection_string: Host=h}
            scrape: {label_hash_key_file: none}
            collectors:
              processes: {drop_labels: [insync], timeout: soon}
            collector_files: [a.yml, b.yml]
            sources: [{name: s, url: ftp://h}]
            """,
            "collector_name: a\n", ("WFO_EXPORTER_LOG_LEVEL", "x"));

        string[] expected =
        [
            "exporter.yaml:1:57: The key 'max_request' is unknown.", "exporter.yaml:5:29: The collector has no label",
            "exporter.yaml:5:47: 'soon' is not a duration", "exporter.yaml:6:26: The file 'b.yml' does not exist.",
            "exporter.yaml:7:26: The value is not a URL.", "a.yml:1:1: The key 'metrics' is missing.",
            "environment variable WFO_EXPORTER_LOG_LEVEL: 'x'", "exporter.yaml:1:23: web.listen_address 'x:1'",
            "exporter.yaml:1:46: web.telemetry_path must", "exporter.yaml:2:52: database.uri and",
            "exporter.yaml:3:31: scrape.label_hash_key_file: The file 'none' does not exist.",
        ];
        Assert.That(errors, Has.Length.EqualTo(expected.Length));
        foreach (var (error, start) in errors.Zip(expected))
            Assert.That(error, Does.StartWith(start));
    }

    [Test]
    public void Pattern_that_matches_no_file_is_reported_with_the_missing_collectors()
    {
        var errors = Assert.Throws<ConfigurationException>(
            () => ConfigurationLoaderTests.Load("collector_files: ['*.collector.yml']\ncollectors: {mine: {}, other: {}}"))!
            .Errors;

        Assert.That(errors, Has.Count.EqualTo(3));
        Assert.That(errors[0], Does.Contain("exporter.yaml:2:14: There is no collector 'mine'. Collectors: ")
            .And.EndsWith(" If its collector file or source was removed, remove this section too."));
        Assert.That(errors[2], Does.Contain("exporter.yaml:1:19: The pattern '*.collector.yml' matches no file."));
    }

    [Test]
    public void Unknown_collector_is_reported_with_other_errors_but_not_because_of_them()
    {
        Assert.That(
            () => ConfigurationLoaderTests.Load("web: {max_request: 1}\ncollectors: {proceses: {}}"),
            Throws.InstanceOf<ConfigurationException>().With.Message.Contains("'max_request'")
                .And.Message.EndsWith("exporter.yaml:2:14: There is no collector 'proceses'. Did you mean 'processes'? If its " +
                    "collector file or source was removed, remove this section too."));
        Assert.That(
            () => ConfigurationLoaderTests.Load("sources: [{name: s, url: h}]\ncollectors: {s: {timeout: 1s}}"),
            Throws.InstanceOf<ConfigurationException>().With.Property(nameof(ConfigurationException.Errors)).Count.EqualTo(1));
    }

    /// <summary>Loads a configuration next to a.yml, and returns the errors without the path of their folder.</summary>
    private static string[] LoadErrors(
        string yaml, string collectorFile, params (string Name, string Value)[] variables)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("exporter.yaml", yaml);
        folder.Write("a.yml", collectorFile);
        var loader = new ConfigurationLoader(
            CommandLine.Parse([$"--config.file={path}"]).Values,
            variables.ToDictionary(variable => variable.Name, variable => variable.Value));
        return
        [
            .. Assert.Throws<ConfigurationException>(() => loader.Load())!.Errors
                .Select(error => error.Replace(folder.Path + "/", "", StringComparison.Ordinal)),
        ];
    }
}
