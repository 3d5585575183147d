using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Exporter.Tests.Checks;
using Orchestrator.Metrics.Exporter.Tests.Sources;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

public class ExporterCollectorsTests
{
    [Test]
    public async Task Labels_of_the_settings_are_those_of_the_collectors()
    {
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema, ExporterDatabase.Small);
        await using var api = await OrchestratorServer.StartAsync();
        var loader = new ConfigurationLoader(
            CommandLine.Parse(["--operational.enabled", $"--orchestrator-api.base-address={api.Address}"]).Values,
            new Dictionary<string, string> { ["DATABASE_URI"] = ExporterDatabase.Uri(database) });
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
    public async Task Source_with_the_name_of_a_collector_is_an_error_without_advice_for_code()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "exporter.yaml");
        await File.WriteAllTextAsync(
            file, "sources: [{name: wfo_exporter_build_info, url: 'http://a'}, {name: ProcessCollector, url: 'http://a'}]");

        var withDefault = await CheckRun.RunAsync(
            "postgresql://127.0.0.1:1/d", ["--scrape.build-info=false", $"--config.file={file}"]);
        var withBuildInfo = await CheckRun.RunAsync("postgresql://127.0.0.1:1/d", [$"--config.file={file}"]);

        Assert.That(withBuildInfo.Failures.Concat(withDefault.Failures), Is.EqualTo(new[]
        {
            "configuration: collectors: A collector named 'wfo_exporter_build_info' is already registered. Register it once, " +
                "or set another name.",
            "configuration: A collector named 'ProcessCollector' is already registered. Register it once, or set another name.",
        }));
    }

    [Test]
    public async Task Source_that_repeats_the_default_families_is_told_to_drop_them()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "exporter.yaml");
        await using var database = await ExporterDatabase.CreateAsync(ExporterDatabase.Schema);
        await using var source = await SourceServer.StartAsync("wfo_active_process_count 0\n");
        await File.WriteAllTextAsync(file, $"sources: [{{name: api, url: '{source.Url}'}}]");

        var check = await CheckRun.RunAsync(ExporterDatabase.Uri(database), [$"--config.file={file}"]);

        Assert.That(check.Failures.Single(), Does.Match(
            "^collector api: Metric family 'wfo_active_process_count' of collector 'api' conflicts with .*\\. Rename the " +
            "family in one of them, or remove one collector\\. If the collector is a source, set its " +
            "drop_default_families to true instead\\.$"));
    }
}
