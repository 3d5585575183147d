using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics;
using Orchestrator.Metrics.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Exposes the metrics of a host on HTTP endpoints that Prometheus can scrape.</summary>
public static class OrchestratorMetricsEndpointExtensions
{
    /// <summary>The default path of the endpoint, <c>/api/metrics</c>.</summary>
    public const string DefaultPath = "/api/metrics";

    private static int _disabledEndpoints;

    /// <summary>Maps a metrics endpoint, with and without a trailing slash, for GET and HEAD requests.</summary>
    /// <param name="endpoints">The application or route group.</param>
    /// <param name="pattern">The route pattern.</param>
    /// <param name="configure">
    /// Changes the configured <see cref="MetricsEndpointOptions"/> for this endpoint.
    /// </param>
    /// <returns>
    /// A builder for conventions of the endpoint, such as <c>RequireAuthorization</c>, <c>RequireHost</c> and rate
    /// limits. They have no effect on an endpoint that is off, which returns 404 for every request.
    /// </returns>
    /// <exception cref="InvalidOperationException"><c>services.AddOrchestratorMetrics()</c> was not called.</exception>
    /// <exception cref="OptionsValidationException">
    /// An option or setting is invalid, or a repository or another service that a collector needs is not registered.
    /// </exception>
    /// <remarks>
    /// The application does not start if two enabled endpoints have the same pattern, and <c>RequireHost</c> sets hosts
    /// for neither, or a host that they share.
    /// </remarks>
    public static IEndpointConventionBuilder MapOrchestratorMetrics(
        this IEndpointRouteBuilder endpoints, string pattern = DefaultPath,
        Action<MetricsEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        ArgumentNullException.ThrowIfNull(pattern);
        return Map(endpoints, endpoints.ServiceProvider, pattern, configure);
    }

    /// <summary>
    /// Adds middleware that serves metrics on a path, with and without a trailing slash, and passes on all other
    /// requests.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <param name="path">The path, with or without a leading or trailing slash.</param>
    /// <param name="configure">
    /// Changes the configured <see cref="MetricsEndpointOptions"/> for this endpoint.
    /// </param>
    /// <exception cref="InvalidOperationException"><c>services.AddOrchestratorMetrics()</c> was not called.</exception>
    /// <exception cref="OptionsValidationException">
    /// An option or setting is invalid, or a repository or another service that a collector needs is not registered.
    /// </exception>
    public static IApplicationBuilder UseOrchestratorMetrics(
        this IApplicationBuilder app, string path = DefaultPath, Action<MetricsEndpointOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(path);
        var handler = MetricsRequestHandler.Create(app.ApplicationServices, path, configure);
        app.ApplicationServices.GetRequiredService<MappedMetricsEndpoints>().Add(() => { });

        // Created here, so that PathString does not validate the path for each request.
        var segments = path.Trim('/');
        PathString start = segments.Length == 0 ? PathString.Empty : "/" + segments;
        return app.MapWhen(
            context => context.Request.Path.StartsWithSegments(start, out var rest) && rest.Value is null or "" or "/",
            branch => branch.Run(handler.HandleAsync));
    }

    /// <summary>Maps an endpoint that uses the services of the host, not those of the route builder.</summary>
    internal static IEndpointConventionBuilder Map(
        IEndpointRouteBuilder endpoints, IServiceProvider services, string pattern,
        Action<MetricsEndpointOptions>? configure)
    {
        var handler = MetricsRequestHandler.Create(services, pattern, configure);
        services.GetRequiredService<MappedMetricsEndpoints>().Add(() => EndpointConflicts.ThrowIfAny(endpoints));
        var endpoint = endpoints.Map(pattern, handler.HandleAsync)
            .WithDisplayName("Orchestrator metrics").WithMetadata(EndpointConflicts.Marker);
        if (handler.IsEnabled)
            return endpoint;

        // The endpoint returns 404 regardless of the fallback authorization policy of the host. Its conventions are
        // ignored, so endpoints with the same pattern need different orders to be unambiguous.
        var order = Interlocked.Increment(ref _disabledEndpoints);
        endpoint.WithMetadata(new AllowAnonymousAttribute());
        endpoint.Add(builder => ((RouteEndpointBuilder)builder).Order = order);
        return new DisabledEndpointConventionBuilder();
    }

    private sealed class DisabledEndpointConventionBuilder : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention)
        {
        }

        public void Finally(Action<EndpointBuilder> finallyConvention)
        {
        }
    }
}
