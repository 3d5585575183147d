using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.AspNetCore;

/// <summary>
/// Finds metrics endpoints that match the same requests. Routing reports the conflict only when such a request arrives.
/// </summary>
internal static class EndpointConflicts
{
    public static readonly object Marker = new();

    public static void ThrowIfAny(IEndpointRouteBuilder endpoints)
    {
        // A group lists its endpoints without its prefix. Other builders list the full patterns.
        var all = endpoints is RouteGroupBuilder
            ? endpoints.ServiceProvider.GetRequiredService<EndpointDataSource>().Endpoints
            : endpoints.DataSources.SelectMany(source => source.Endpoints);
        var mapped = all.OfType<RouteEndpoint>().Where(endpoint => endpoint.Metadata.Contains(Marker)).ToArray();
        for (var i = 0; i < mapped.Length; i++)
        {
            if (mapped.Take(i).FirstOrDefault(other => AreAmbiguous(mapped[i], other)) is { } conflict)
                throw new InvalidOperationException(
                    $"Two metrics endpoints have the route pattern {Describe(mapped[i], conflict)}, so scrapes would " +
                    "fail as ambiguous. Call MapOrchestratorMetrics once for each pattern, or set different hosts " +
                    "with RequireHost.");
        }
    }

    private static bool AreAmbiguous(RouteEndpoint one, RouteEndpoint other)
    {
        if (one.Order != other.Order || !GetPattern(one).Equals(GetPattern(other), StringComparison.OrdinalIgnoreCase))
            return false;
        return GetHosts(one).Count == 0 && GetHosts(other).Count == 0 || GetSharedHosts(one, other).Any();
    }

    private static string Describe(RouteEndpoint one, RouteEndpoint other)
    {
        var hosts = string.Join(", ", GetSharedHosts(one, other));
        return $"'{GetPattern(one)}'" + (hosts == "" ? "" : $" and share the hosts {hosts}");
    }

    private static IEnumerable<string> GetSharedHosts(RouteEndpoint one, RouteEndpoint other) =>
        GetHosts(one).Intersect(GetHosts(other), StringComparer.OrdinalIgnoreCase);

    private static string GetPattern(RouteEndpoint endpoint) => "/" + endpoint.RoutePattern.RawText?.Trim('/');

    private static IReadOnlyList<string> GetHosts(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IHostMetadata>()?.Hosts ?? [];
}
