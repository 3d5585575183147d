using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Prometheus;

namespace Orchestrator.Metrics.Tests;

/// <summary>Starts hosts with Kestrel that serve a registry of prometheus-net, and scrapes these hosts.</summary>
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

    /// <summary>
    /// Scrapes until the text contains a part, for metrics that the runtime publishes at an unknown time.
    /// </summary>
    public static async Task<string> WaitForTextAsync(this TestHost host, string part)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var text = await host.GetTextAsync();
            if (text.Contains(part, StringComparison.Ordinal))
                return text;
            await timer.WaitForNextTickAsync(timeout.Token);
        }
    }

    [GeneratedRegex(@"(?<= # \{.*\} [0-9.]+ )[0-9]+\.[0-9]+$", RegexOptions.Multiline)]
    private static partial Regex ExemplarTime();
}
