using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Moq;

namespace Orchestrator.Metrics.Tests.Collectors;

internal sealed class DefaultCollectorHost : IDisposable
{
    private readonly ServiceProvider _provider;

    public DefaultCollectorHost(DefaultCollectors selected = DefaultCollectors.All)
    {
        Subscriptions.Setup(repository => repository.GetSubscriptionCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(GoldenRows.Subscriptions);
        Processes.Setup(repository => repository.GetProcessCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(GoldenRows.Processes);
        Engine.Setup(repository => repository.GetEngineStateAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(GoldenRows.Engine);
        var services = new ServiceCollection();
        services.AddScoped(_ => Subscriptions.Object);
        services.AddScoped(_ => Processes.Object);
        services.AddScoped(_ => Engine.Object);
        services.AddSingleton<ILogger<OrchestratorMetricsRegistry>>(Log);
        services.AddOrchestratorMetrics(options => options.DefaultCollectors = selected);
        _provider = services.BuildServiceProvider(validateScopes: true);
        Registry = _provider.GetRequiredService<OrchestratorMetricsRegistry>();
    }

    public Mock<ISubscriptionRepository> Subscriptions { get; } = new(MockBehavior.Strict);

    public Mock<IProcessRepository> Processes { get; } = new(MockBehavior.Strict);

    public Mock<IWorkflowEngineRepository> Engine { get; } = new(MockBehavior.Strict);

    public ListLogger Log { get; } = new();

    public OrchestratorMetricsRegistry Registry { get; }

    public async Task<string> GetTextAsync() => (await Registry.CollectAsync().Soon()).ToText();

    public async Task<string[]> GetSamplesAsync() =>
    [
        .. (await GetTextAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#'),
    ];

    public void Dispose() => _provider.Dispose();
}
