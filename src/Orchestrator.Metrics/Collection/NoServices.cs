using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Collection;

/// <summary>The service container of a registry that has none.</summary>
internal sealed class NoServices : IServiceScopeFactory, IServiceScope, IServiceProvider
{
    public static readonly NoServices Instance = new();

    public IServiceProvider ServiceProvider => this;

    public IServiceScope CreateScope() => this;

    public object? GetService(Type serviceType) => null;

    public void Dispose()
    {
    }
}
