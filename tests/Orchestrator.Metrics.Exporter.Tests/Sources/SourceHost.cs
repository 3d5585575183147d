using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Exporter.Sources;
using Orchestrator.Metrics.Exporter.Yaml;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Sources;

/// <summary>Reads sources from a configuration, and collects their metrics without an endpoint.</summary>
internal sealed class SourceHost : IAsyncDisposable
{
    /// <summary>The exposition of the gauge that each host adds to its sources.</summary>
    public const string Own = "# HELP acme_own Own.\n# TYPE acme_own gauge\nacme_own 1.0\n";

    private readonly ServiceProvider _services;

    public SourceHost(string yaml, string folder = "/", TimeProvider? time = null)
    {
        var services = new ServiceCollection()
            .AddSingleton(time ?? TimeProvider.System)
            .AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(Log));
        var metrics = services.AddOrchestratorMetrics(options => options.FailurePolicy = FailurePolicy.ReportAndContinue);
        metrics.AddGauge("acme_own", "Own.", _ => 1);
        MetricSources.Add(metrics, Read(yaml, folder));
        _services = services.BuildServiceProvider();
    }

    public ListLogger Log { get; } = new();

    /// <summary>All messages and exceptions that were logged.</summary>
    public string LogText =>
        string.Join('\n', Log.Entries.Select(entry => $"{entry.Message} {entry.Exception}"));

    /// <summary>Builds the configuration of a source named app with additional keys.</summary>
    public static string BuildYaml(SourceServer server, params string[] keys) =>
        $"sources:\n  - name: app\n    url: {server.Url}/metrics\n" + string.Concat(keys.Select(key => $"    {key}\n"));

    public static IReadOnlyList<SourceOptions> Read(string yaml, string folder = "/")
    {
        var errors = new ConfigurationErrors();
        var sources = SourceReader.Read(YamlFile.Parse(yaml, "exporter.yaml", errors)?.Find("sources"), folder, []);
        errors.ThrowIfAny();
        return sources;
    }

    /// <summary>Returns the exposition without the scrape metrics.</summary>
    public async Task<string> CollectAsync()
    {
        var text = await CollectAllAsync();
        return text[..text.IndexOf("# HELP wfo_scrape_", StringComparison.Ordinal)];
    }

    public async Task<string> CollectAllAsync() =>
        (await _services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon()).ToText();

    public ValueTask DisposeAsync() => _services.DisposeAsync();
}
