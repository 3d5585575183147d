using System.Text.Json;

namespace Orchestrator.Metrics.Tests;

internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly RunningProgram _program;
    private readonly HttpClient _client;

    private PrometheusServer(string prometheus, string configuration, string[] arguments)
    {
        var file = Path.Combine(_folder.Path, "prometheus.yml");
        File.WriteAllText(file, configuration);
        var url = $"http://127.0.0.1:{FreePort.Find()}";
        _client = new HttpClient { BaseAddress = new Uri(url) };
        _program = RunningProgram.Start(prometheus,
        [
            $"--config.file={file}", $"--storage.tsdb.path={_folder.Path}/data",
            $"--web.listen-address={new Uri(url).Authority}", .. arguments,
        ]);
    }

    public static PrometheusServer Start(Uri target, params string[] arguments) => Start(
        $"""
        scrape_configs:
          - job_name: orchestrator
            scrape_interval: 1s
            scrape_timeout: 1s
            metrics_path: /api/metrics
            static_configs:
              - targets: ["{target.Authority}"]
        """, arguments);

    public static PrometheusServer Start(string configuration, params string[] arguments) =>
        new(Requirements.FindProgram("prometheus", "prometheus"), configuration, arguments);

    public Task<IReadOnlyDictionary<string, double>> QueryAsync(string query) =>
        WaitForDataAsync($"query?query={Uri.EscapeDataString(query)}", data =>
        {
            var values = data.GetProperty("result").EnumerateArray().ToDictionary(
                result => result.GetProperty("metric").GetRawText(),
                result => double.Parse(
                    result.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture));
            return values.Count > 0 ? (IReadOnlyDictionary<string, double>)values : null;
        });

    public Task<T> WaitForDataAsync<T>(string path, Func<JsonElement, T?> read)
        where T : class =>
        _program.WaitForAsync(async () =>
        {
            using var response = await _client.GetAsync($"/api/v1/{path}");
            var text = await response.Content.ReadAsStringAsync();
            if ((int)response.StatusCode is 400 or 422)
                throw new AssertionException($"Prometheus rejects {Uri.UnescapeDataString(path)}: {text}");
            if (!response.IsSuccessStatusCode)
                return null;
            using var json = JsonDocument.Parse(text);
            return read(json.RootElement.GetProperty("data"));
        });

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _program.DisposeAsync();
        _folder.Dispose();
    }
}
