using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Orchestrator.Metrics;

/// <summary>
/// Options of the metrics server (<see cref="MetricsServerExtensions.AddMetricsServer"/>). Read once, when the host
/// starts. Values of the configuration section <c>OrchestratorMetrics:Server</c> override values set in code.
/// </summary>
/// <remarks>
/// The keys of the section are <c>Port</c>, <c>Address</c> and <c>Path</c>, for example
/// <c>OrchestratorMetrics:Server:Port</c>. An unknown key or an invalid value is an error at start-up.
/// </remarks>
public sealed class MetricsServerOptions
{
    /// <summary>The default port, 9464, which OpenTelemetry reserves for Prometheus exporters.</summary>
    public const int DefaultPort = 9464;

    /// <summary>
    /// The TCP port, 1 to 65535. 0 chooses a free port on the IPv4 loopback address or on <see cref="Address"/>; the
    /// log contains this port. <see cref="DefaultPort"/> by default.
    /// </summary>
    public int Port { get; set; } = DefaultPort;

    /// <summary>
    /// The IP address to listen on. Null, the default, means localhost, over IPv4 and IPv6. In the configuration,
    /// <c>0.0.0.0</c> means every IPv4 address, and <c>::</c> means every address.
    /// </summary>
    public IPAddress? Address { get; set; }

    /// <summary>
    /// The path of the metrics: a route pattern that starts with a slash. A trailing slash in requests is accepted.
    /// <c>/metrics</c> by default, as in Prometheus.
    /// </summary>
    public string Path { get; set; } = "/metrics";

    /// <summary>
    /// Sets options of the endpoint, such as <see cref="MetricsEndpointOptions.Predicate"/>. They start from the
    /// configured <see cref="MetricsEndpointOptions"/>. <see cref="MetricsEndpointOptions.EnableEndpoint"/> has no
    /// effect: the server is on because it was added.
    /// </summary>
    public Action<MetricsEndpointOptions>? ConfigureEndpoint { get; set; }

    /// <summary>
    /// Adds conventions to the endpoint, for example: <c>endpoint => endpoint.RequireAuthorization("monitoring")</c>.
    /// Authentication schemes and policies are those of the host's services. Conventions that need other middleware,
    /// such as rate limits, are not supported.
    /// </summary>
    public Action<IEndpointConventionBuilder>? ConfigureConventions { get; set; }

    /// <summary>
    /// Configures the listener, for example: <c>listener => listener.UseHttps(certificate)</c>.
    /// </summary>
    public Action<ListenOptions>? ConfigureListener { get; set; }
}
