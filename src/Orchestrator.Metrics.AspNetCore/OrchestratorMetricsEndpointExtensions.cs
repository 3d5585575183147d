using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.AspNetCore;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts the metrics of a host on an HTTP endpoint that Prometheus can scrape.</summary>
public static class OrchestratorMetricsEndpointExtensions
{
    /// <summary>The path of the endpoint unless another one is given.</summary>
    public const string DefaultPath = "/api/metrics";

    /// <summary>Maps the endpoint, with or without a slash at its end.</summary>
    /// <param name="endpoints">The application.</param>
    /// <param name="pattern">The path, as a route pattern.</param>
    /// <returns>
    /// The conventions of the endpoint, for <c>RequireAuthorization</c>, <c>RequireHost</c>, rate limits and so on. If
    /// <c>ENABLE_PROMETHEUS_METRICS_ENDPOINT</c> is off they have no effect and the path answers 404.
    /// </returns>
    /// <exception cref="InvalidOperationException"><c>services.AddOrchestratorMetrics()</c> was not called.</exception>
    /// <exception cref="OptionsValidationException">
    /// An option or setting is invalid, or a repository is missing.
    /// </exception>
    public static IEndpointConventionBuilder MapOrchestratorMetrics(
        this IEndpointRouteBuilder endpoints, string pattern = DefaultPath)
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        var handler = MetricsRequestHandler.Create(endpoints.ServiceProvider, pattern);
        var endpoint = endpoints.Map(pattern, handler.HandleAsync).WithDisplayName("Orchestrator metrics");
        if (handler.IsEnabled)
            return endpoint;

        // 404 for everybody, whatever the fallback policy of the host's authorization says.
        endpoint.WithMetadata(new AllowAnonymousAttribute());
        return new NoConventions();
    }

    /// <summary>Answers requests for the path, with or without a slash at its end; all others go on.</summary>
    /// <param name="app">The application.</param>
    /// <param name="path">The path, with or without a slash at either end.</param>
    /// <exception cref="InvalidOperationException"><c>services.AddOrchestratorMetrics()</c> was not called.</exception>
    /// <exception cref="OptionsValidationException">
    /// An option or setting is invalid, or a repository is missing.
    /// </exception>
    public static IApplicationBuilder UseOrchestratorMetrics(this IApplicationBuilder app, string path = DefaultPath)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(path);
        var handler = MetricsRequestHandler.Create(app.ApplicationServices, path);

        // Any spelling that a route pattern may have. A path is checked when it is made, so not in each request.
        var segments = path.Trim('/');
        PathString start = segments.Length == 0 ? PathString.Empty : "/" + segments;
        return app.MapWhen(
            context => context.Request.Path.StartsWithSegments(start, out var rest) && rest.Value is null or "" or "/",
            branch => branch.Run(handler.HandleAsync));
    }

    /// <summary>Takes the place of the conventions of an endpoint that is off.</summary>
    private sealed class NoConventions : IEndpointConventionBuilder
    {
        public void Add(Action<EndpointBuilder> convention)
        {
        }

        public void Finally(Action<EndpointBuilder> finallyConvention)
        {
        }
    }
}
