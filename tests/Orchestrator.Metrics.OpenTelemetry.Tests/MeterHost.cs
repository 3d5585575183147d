using System.Diagnostics.Metrics;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Tests;

internal static partial class MeterHost
{
    /// <summary>Starts a host that reports neither the resource nor created timestamps by default.</summary>
    public static Task<TestHost> StartHostAsync(
        Action<IServiceCollection>? configure = null, Action<MeterCollectorOptions>? meters = null,
        Action<OrchestratorMetricsOptions>? options = null, params string[] args) => TestHost.StartAsync(
        services =>
        {
            services.Configure<MeterCollectorOptions>(plain =>
            {
                (plain.TargetInfo, plain.CreatedTimestamps) = (false, false);
                meters?.Invoke(plain);
            });
            services.AddOrchestratorMetrics().AddMeters("Acme");
            configure?.Invoke(services);
        },
        options: options, args: args);

    public static Task<TestHost> StartHostAsync(
        this ListLogger logger, Action<IServiceCollection>? configure = null, params string[] args) => StartHostAsync(
        services =>
        {
            services.AddSingleton<ILoggerProvider>(logger);
            configure?.Invoke(services);
        },
        args: args);

    public static Meter CreateMeter(this TestHost host, string name = "Acme") =>
        host.Services.GetRequiredService<IMeterFactory>().Create(name);

    public static Task<string> GetTextAsync(this TestHost host, string query = "") =>
        host.Client.GetStringAsync("/api/metrics" + query);

    /// <summary>
    /// Returns the OpenMetrics response, with the values of <c>_created</c> and the timestamps of exemplars replaced by
    /// <c>T</c>.
    /// </summary>
    public static async Task<string> GetOpenMetricsAsync(
        this TestHost host, string path = "/api/metrics", string parameters = "; version=1.0.0")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.Add(MediaTypeWithQualityHeaderValue.Parse("application/openmetrics-text" + parameters));
        using var response = await host.Client.SendAsync(request);
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/openmetrics-text"));
        return Time().Replace(await response.Content.ReadAsStringAsync(), "T");
    }

    public static KeyValuePair<string, object?> Tag(string key, object? value) => new(key, value);

    [GeneratedRegex(
        @"(?<=^[^#\n]*_created(\{.*\})? )[0-9.e+]+(?=$)|(?<= # \{.*\} [-+0-9.e]+ )[0-9.e+]+(?=$)",
        RegexOptions.Multiline)]
    private static partial Regex Time();
}
