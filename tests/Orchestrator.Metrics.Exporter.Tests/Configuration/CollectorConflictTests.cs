using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Configuration;

/// <summary>
/// Conflicting options of a collector. Options in <c>collectors</c> override defaults, and flags override the file. Two
/// conflicting options in the file are an error.
/// </summary>
public class CollectorConflictTests
{
    private const string Off = "00:00:00";

    private const string Source = "sources:\n  - {name: py, url: 'http://h', ";

    [Test]
    public async Task Refresh_or_cache_of_a_collector_replaces_the_min_interval_of_its_file(
        [Values("refresh_every", "cache_for")] string key)
    {
        var options = Load($"collector_files: [a.yml]\ncollectors: {{a: {{{key}: 1h}}}}");
        await using var host = MetricsHost.Create(options, NullLoggerFactory.Instance);

        Assert.That(GetIntervals(options, "a"), Is.EqualTo(key == "cache_for" ? ("01:00:00", Off) : (Off, "01:00:00")));
    }

    [TestCase("workers", "OrchestratorWorkerCollector")]
    [TestCase("workflow_engine", "WorkflowEngineCollector")]
    public async Task Cache_of_a_collector_replaces_the_refresh_of_orchestrator_api(string collector, string name)
    {
        var options = Load($"""
            orchestrator_api: {"{base_address: 'http://h', refresh_every: 20s}"}
            collectors: {"{" + collector}: {"{cache_for: 1m}}"}
            """);
        await using var host = MetricsHost.Create(options, NullLoggerFactory.Instance);

        Assert.That(GetIntervals(options, name), Is.EqualTo(("00:01:00", Off)));
    }

    [TestCase("collectors: {workers: {refresh_every: 1m, cache_for: 10s}}",
        "1:54: collectors.workers.refresh_every and collectors.workers.cache_for are mutually exclusive. Set only one of them.")]
    [TestCase("collector_files: [a.yml]\ncollectors: {a: {cache_for: 10s, refresh_every: 1m}}",
        "2:29: collectors.a.refresh_every and collectors.a.cache_for are mutually exclusive. Set only one of them.")]
    [TestCase(Source + "cache_for: 1m}\ncollectors: {py: {refresh_every: 1m}}",
        "3:34: collectors.py.refresh_every and 'cache_for' of source 'py' are mutually exclusive. Set only one of them.")]
    public void Refresh_and_cache_of_one_collector_are_an_error_with_a_position(string yaml, string error) => Assert.That(
        () => Load(yaml), Throws.InstanceOf<ConfigurationException>().With.Message.EndsWith("exporter.yaml:" + error)
            .And.Property(nameof(ConfigurationException.Errors)).Count.EqualTo(1));

    [Test]
    public void Cache_set_by_a_flag_replaces_the_refresh_set_in_the_file()
    {
        var options = ConfigurationLoaderTests.Load(
            "collectors: {processes: {refresh_every: 5m}}", ["--collectors.processes.cache-for=10s"]);

        Assert.That(GetIntervals(options, "ProcessCollector"), Is.EqualTo(("00:00:10", Off)));
    }

    [TestCase("timeout: 1s", "timeout: 2s")]
    [TestCase("cache_for: 1s", "cache_for: 2s")]
    [TestCase("serve_stale_for: 1s", "serve_stale_for: 2s")]
    [TestCase("failure_policy: fail_scrape", "failure_policy: report_and_continue")]
    [TestCase("prefix: a_", "name_prefix: b_")]
    [TestCase("labels: {a: x}", "add_labels: {b: y}")]
    public void Option_that_sources_and_collectors_both_set_is_an_error_with_a_position(string key, string option)
    {
        var (keyName, optionName) = (key.Split(':')[0], option.Split(':')[0]);

        Assert.That(
            () => Load($"{Source}{key}}}\ncollectors:\n  py:\n    {option}\n"),
            Throws.InstanceOf<ConfigurationException>().With.Message.EndsWith(
                $"exporter.yaml:5:{optionName.Length + 7}: collectors.py.{optionName} and '{keyName}' of source 'py' set the " +
                $"same option. Keep only '{keyName}' of the source."));
        Assert.That(() => Load($"{Source}}}\ncollectors:\n  py:\n    {option}\n"), Throws.Nothing);
        Assert.That(() => Load($"{Source}{keyName}: }}\ncollectors:\n  py:\n    {option}\n"), Throws.Nothing);
    }

    private static (string? CacheFor, string? RefreshEvery) GetIntervals(ExporterOptions options, string collector)
    {
        var prefix = $"OrchestratorMetrics:Collectors:{collector}:";
        return (options.Packages[prefix + "CacheFor"], options.Packages[prefix + "RefreshEvery"]);
    }

    /// <summary>Loads a configuration next to a.yml, whose collector 'a' has a min_interval.</summary>
    private static ExporterOptions Load(string yaml)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("exporter.yaml", yaml);
        folder.Write("a.yml", """
            collector_name: a
            min_interval: 1m
            metrics: [{metric_name: a, type: gauge, help: A., values: [a], query: SELECT 1 AS a}]
            """);
        return new ConfigurationLoader(
            CommandLine.Parse([$"--config.file={path}"]).Values,
            new Dictionary<string, string> { ["DATABASE_URI"] = "postgresql://h/d" }).Load();
    }
}
