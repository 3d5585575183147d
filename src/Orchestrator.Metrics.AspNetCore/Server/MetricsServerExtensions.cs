using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.AspNetCore.Server;

namespace Orchestrator.Metrics;

/// <summary>Serves the metrics of a host on a dedicated port.</summary>
public static class MetricsServerExtensions
{
    /// <summary>
    /// Adds a server that serves only the metrics: Kestrel on a dedicated port, alongside the server of the host or in
    /// a host without one, such as a worker. It listens on localhost unless the options set an address, starts and
    /// stops with the host, and serves only <see cref="MetricsServerOptions.Path"/>.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="port">
    /// The TCP port, 1 to 65535, or 0 for a free port. The configuration key <c>OrchestratorMetrics:Server:Port</c>
    /// overrides it.
    /// </param>
    /// <param name="configure">
    /// Sets further options. If the method is called several times, the last values apply.
    /// </param>
    /// <remarks>
    /// <para>
    /// The server is on because it was added: <see cref="MetricsEndpointOptions.EnableEndpointKey"/> has no effect on
    /// it. Everything else works as for an endpoint that <c>MapOrchestratorMetrics</c> maps: the collectors of the
    /// registry, the <see cref="MetricsEndpointOptions"/> and their configuration, and the responses.
    /// </para>
    /// <para>
    /// If the host registers authentication or authorization, requests pass through their middleware, so a fallback
    /// policy applies to the server too. The host does not start if an option is invalid
    /// (<see cref="OptionsValidationException"/>) or the server cannot listen on the port
    /// (<see cref="IOException"/>).
    /// </para>
    /// </remarks>
    public static OrchestratorMetricsBuilder AddMetricsServer(
        this OrchestratorMetricsBuilder builder, int port = MetricsServerOptions.DefaultPort,
        Action<MetricsServerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var services = builder.Services;
        services.AddOptions<MetricsServerOptions>().Configure(options =>
        {
            options.Port = port;
            configure?.Invoke(options);
        }).ValidateOnStart();
        services.TryAddSingleton(provider => new MetricsServerOptionsSetup(provider.GetService<IConfiguration>()));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IPostConfigureOptions<MetricsServerOptions>, MetricsServerOptionsSetup>(
                provider => provider.GetRequiredService<MetricsServerOptionsSetup>()));
        services.TryAddEnumerable(
            ServiceDescriptor.Singleton<IValidateOptions<MetricsServerOptions>, MetricsServerOptionsSetup>(
                provider => provider.GetRequiredService<MetricsServerOptionsSetup>()));

        // The authorization middleware of the host needs routing services, even in a worker.
        services.AddRoutingCore();
        services.AddHostedService(provider => new MetricsServer(provider));
        return builder;
    }
}
