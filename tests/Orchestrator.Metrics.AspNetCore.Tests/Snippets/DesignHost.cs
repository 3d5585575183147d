// The user code for which the API was designed. The code around it makes it compile.
#pragma warning disable CA1822, CA1812, IDE0005

using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics;

namespace Orchestrator.Metrics.Tests.Snippets;

internal static class DesignHost
{
    public static void Run(string[] args)
    {
        // A host
        var builder = WebApplication.CreateBuilder(args);

        builder.Services.AddScoped<ISubscriptionRepository, MySubscriptions>();     // the host's own data
        builder.Services.AddScoped<IProcessRepository, MyProcesses>();
        builder.Services.AddScoped<IWorkflowEngineRepository, MyEngine>();

        builder.Services.AddOrchestratorMetrics()                                    // default collectors + registry
            .AddCollector<LicenceCollector>();                                       // an organisation's own

        builder.Services.AddSingleton<ILicenceStore, LicenceStore>();
        var app = builder.Build();
        app.MapOrchestratorMetrics();                                                // GET /api/metrics

        // Registering an instance while the application starts, as orchestrator-core's users do
        app.Services.GetRequiredService<OrchestratorMetricsRegistry>().Register(new MyNewCollector());
        app.Run();
    }

    // A host without ASP.NET Core
    public static async Task WriteAsync(
        OrchestratorMetricsRegistry registry, Stream stream, CancellationToken cancellationToken)
    {
        await registry.WriteAsync(stream, ExpositionFormat.PrometheusText, cancellationToken);
    }
}

// An organisation's own metrics: one class
public sealed class LicenceCollector(ILicenceStore store) : IMetricsCollector
{
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var seats = MetricFamily.Gauge("acme_licence_seats", "Licence seats in use, per product.", "product");
        foreach (var licence in await store.ListAsync(cancellationToken))
            seats.Add(licence.SeatsInUse, licence.Product);
        return [seats];
    }
}

public interface ILicenceStore
{
    Task<IReadOnlyList<Licence>> ListAsync(CancellationToken cancellationToken);
}

public sealed record Licence(string Product, int SeatsInUse);

internal sealed class LicenceStore : ILicenceStore
{
    public Task<IReadOnlyList<Licence>> ListAsync(CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Licence>>([new("Router", 7)]);
}

internal sealed class MyNewCollector : IMetricsCollector
{
    public Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var family = MetricFamily.Gauge("acme_new", "New.");
        family.Add(1);
        return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
    }
}

internal sealed class MySubscriptions : ISubscriptionRepository
{
    public Task<IReadOnlyList<SubscriptionCount>> GetSubscriptionCountsAsync(CancellationToken cancellationToken) =>
        Task.FromResult(GoldenRows.Subscriptions);
}

internal sealed class MyProcesses : IProcessRepository
{
    public Task<IReadOnlyList<ProcessCount>> GetProcessCountsAsync(CancellationToken cancellationToken) =>
        Task.FromResult(GoldenRows.Processes);
}

internal sealed class MyEngine : IWorkflowEngineRepository
{
    public Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken) =>
        Task.FromResult(GoldenRows.Engine);
}
