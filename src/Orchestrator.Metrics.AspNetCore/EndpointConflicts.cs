using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.AspNetCore;

/// <summary>
/// Finds metrics endpoints that match the same requests. Routing reports the conflict only on such a request.
/// </summary>
internal static class EndpointConflicts
{
    /// <summary>The metadata that identifies a metrics endpoint.</summary>
    public static readonly object Marker = new();

    /// <exception cref="InvalidOperationException">Two metrics endpoints match the same requests.</exception>
    public static void ThrowIfAny(IEndpointRouteBuilder endpoints)
    {
        // A group lists its endpoints without its prefix. Other builders list the full patterns.
        var all = endpoints is RouteGroupBuilder
            ? endpoints.ServiceProvider.GetRequiredService<EndpointDataSource>().Endpoints
            : endpoints.DataSources.SelectMany(source => source.Endpoints);
        var mapped = all.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.Contains(Marker)).ToArray();
        for (var i = 0; i < mapped.Length; i++)
        {
            if (mapped.Take(i).Any(other => AreAmbiguous(mapped[i], other)))
                throw new InvalidOperationException(
                    $"Two metrics endpoints have the route pattern {Describe(mapped[i])}, so every scrape would fail " +
                    "as ambiguous. Call MapOrchestratorMetrics once for each pattern, or set different hosts with " +
                    "RequireHost.");
        }
    }

    private static bool AreAmbiguous(RouteEndpoint one, RouteEndpoint other)
    {
        if (one.Order != other.Order || !GetPattern(one).Equals(GetPattern(other), StringComparison.OrdinalIgnoreCase))
            return false;
        var (hosts, otherHosts) = (GetHosts(one), GetHosts(other));
        return hosts.Count == 0 && otherHosts.Count == 0
            || hosts.Intersect(otherHosts, StringComparer.OrdinalIgnoreCase).Any();
    }

    private static string Describe(RouteEndpoint endpoint) =>
        $"'{GetPattern(endpoint)}'" +
        (GetHosts(endpoint) is { Count: > 0 } hosts ? $" and the host {string.Join(", ", hosts)}" : "");

    private static string GetPattern(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText?.Trim('/');

    private static IReadOnlyList<string> GetHosts(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHostMetadata>()?.Hosts ?? [];
}
