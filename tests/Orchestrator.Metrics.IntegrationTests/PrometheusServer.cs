using System.Text.Json;

namespace Orchestrator.Metrics.Tests;

/// <summary>A real Prometheus on a free port that scrapes one target every second, with its default headers.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunningProgram _program;
    private readonly HttpClient _client;

    private PrometheusServer(string prometheus, Uri target)
    {
        var configuration = Path.Combine(_folder.Path, "prometheus.yml");
        File.WriteAllText(configuration, $"""
            scrape_configs:
              - job_name: orchestrator
                scrape_interval: 1s
                scrape_timeout: 1s
                metrics_path: /api/metrics
                static_configs:
                  - targets: ["{target.Authority}"]
            """);
        var url = $"http://127.0.0.1:{FreePort.Next()}";
        _client = new HttpClient { BaseAddress = new Uri(url) };
        _program = RunningProgram.Start(prometheus,
        [
            $"--config.file={configuration}", $"--storage.tsdb.path={_folder.Path}/data",
            $"--web.listen-address={new Uri(url).Authority}",
        ]);
    }

    public static PrometheusServer Start(Uri target) =>
        new(Requirements.Program("prometheus", "prometheus"), target);

    /// <summary>Waits until a query has a result, and returns its values by the label set.</summary>
    public Task<IReadOnlyDictionary<string, double>> QueryAsync(string query) =>
        _program.WaitForAsync(async () =>
        {
            using var response = await _client.GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}");
            if (!response.IsSuccessStatusCode)
                return null;
            using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
            var values = json.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().ToDictionary(
                result => result.GetProperty("metric").GetRawText(),
                result => double.Parse(
                    result.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture));
            return values.Count > 0 ? (IReadOnlyDictionary<string, double>)values : null;
        });

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}
