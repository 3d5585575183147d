using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Exporter.Tests.Checks;
using Orchestrator.Metrics.Exporter.Tests.CollectorFiles;
using Orchestrator.Metrics.Exporter.Tests.Configuration;
using Orchestrator.Metrics.Exporter.Tests.Sources;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

public class ExporterCollectorsTests
{
    [Test]
    public async Task Labels_in_the_setting_table_are_those_of_the_collectors()
    {
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema, ExporterDatabase.Small);
        await using var api = await OrchestratorServer.StartAsync();
        var loader = new ConfigurationLoader(
            CommandLine.Parse(["--operational.enabled", $"--orchestrator-api.base-address={api.Address}"]).Values,
            new Dictionary<string, string> { ["DATABASE_URI"] = ExporterDatabase.BuildUri(database) });
        var options = loader.Load();
        options.Mode = RunMode.Once;
        await using var host = MetricsHost.Create(options, NullLoggerFactory.Instance);

        var snapshot = await host.Registry.CollectAsync();

        foreach (var (key, family) in new[]
        {
            ("subscriptions", "wfo_subscriptions_count"), ("processes", "wfo_process_count"),
            ("workflow_engine", "wfo_active_process_count"), ("operational", "wfo_processes"), ("workers", "wfo_worker_jobs"),
        })
            Assert.That(
                SettingTable.PackageCollectors[key].Labels,
                Is.EquivalentTo(snapshot.Families.Single(each => each.Name == family).LabelNames), key);
    }

    [Test]
    public void Options_of_a_known_collector_that_is_not_registered_are_ignored(
        [Values("wfo_exporter_build_info", "wfo_exporter_config_last_reload")] string collector,
        [Values] bool isOn, [Values(RunMode.Serve, RunMode.Once, RunMode.Check)] int mode)
    {
        var options = ConfigurationLoaderTests.Load(
            $"scrape: {{build_info: {(isOn ? "true" : "false")}}}\ncollectors: {{{collector}: {{timeout: 1s}}}}",
            variables: ("DATABASE_URI", "postgresql://h/d"));
        options.Mode = (RunMode)mode;

        Assert.That(
            async () => await MetricsHost.Create(options, NullLoggerFactory.Instance).DisposeAsync(), Throws.Nothing);
    }

    [Test]
    public async Task Source_with_the_name_of_a_collector_file_is_an_error_regardless_of_case(
        [Values("a", "A")] string name)
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.yml", TestCollectors.BuildGauge("a", "SELECT 1 AS n"));
        var file = folder.Write(
            "exporter.yaml", $"collector_files: [a.yml]\nsources: [{{name: {name}, url: 'http://a'}}]");

        var check = await CheckRun.RunAsync("postgresql://127.0.0.1:1/d", [$"--config.file={file}"]);

        Assert.That(check.Failures.Single(), Is.EqualTo(
            $"configuration: {file}:2:12: A source or collector '{name}' is already defined. Rename one of them."));
    }

    [Test]
    public async Task Error_for_a_source_that_repeats_the_default_families_suggests_dropping_them()
    {
        using var folder = new TemporaryFolder();
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var source = await SourceServer.StartAsync("wfo_active_process_count 0\n");
        var file = folder.Write("exporter.yaml", $"sources: [{{name: api, url: '{source.Url}'}}]");

        var check = await CheckRun.RunAsync(ExporterDatabase.BuildUri(database), [$"--config.file={file}"]);

        Assert.That(check.Failures.Single(), Does.Match(
            "^collector api: Metric family 'wfo_active_process_count' of collector 'api' conflicts with .*\\. Rename the " +
            "family in one of them, or remove one collector\\. If the collector is a source, set its " +
            "drop_default_families to true instead\\.$"));
    }
}
