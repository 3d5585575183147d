using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Prometheus;

namespace Orchestrator.Metrics.Tests;

internal static partial class RegistryHost
{
    public static Task<TestHost> StartAsync(
        CollectorRegistry registry, Action<OrchestratorMetricsOptions>? options = null) =>
        TestHost.StartAsync(services => services.AddOrchestratorMetrics().AddPrometheusNet(registry), options: options);

    public static Task<string> GetTextAsync(this TestHost host, string query = "") =>
        host.Client.GetStringAsync("/api/metrics" + query);

    /// <summary>Returns the OpenMetrics response, with the timestamps of exemplars replaced by <c>T</c>.</summary>
    public static async Task<string> GetOpenMetricsAsync(this TestHost host)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text"));
        using var response = await host.Client.SendAsync(request);
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/openmetrics-text"));
        return ExemplarTime().Replace(await response.Content.ReadAsStringAsync(), "T");
    }

    [GeneratedRegex(@"(?<= # \{.*\} [0-9.]+ )[0-9]+\.[0-9]+$", RegexOptions.Multiline)]
    private static partial Regex ExemplarTime();
}
