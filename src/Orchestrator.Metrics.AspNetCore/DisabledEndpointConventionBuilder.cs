using Microsoft.AspNetCore.Builder;

namespace Orchestrator.Metrics.AspNetCore;

/// <summary>Ignores the conventions of an endpoint that is off.</summary>
internal sealed class DisabledEndpointConventionBuilder : IEndpointConventionBuilder
{
    public void Add(Action<EndpointBuilder> convention)
    {
    }

    public void Finally(Action<EndpointBuilder> finallyConvention)
    {
    }
}
