using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Moq;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class ConfigureDefaultCollectorsTests
{
    [Test]
    public async Task Default_collectors_can_be_cached_individually()
    {
        var processes = new Mock<IProcessRepository>();
        processes.Setup(repository => repository.GetProcessCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(GoldenRows.Processes);
        var subscriptions = new Mock<ISubscriptionRepository>();
        subscriptions.Setup(repository => repository.GetSubscriptionCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(GoldenRows.Subscriptions);
        await using var services = new ServiceCollection()
            .AddSingleton<TimeProvider>(new FakeTimeProvider())
            .AddSingleton(processes.Object)
            .AddSingleton(subscriptions.Object)
            .AddOrchestratorMetrics(options =>
                options.DefaultCollectors = DefaultCollectors.Processes | DefaultCollectors.Subscriptions)
            .ConfigureDefaultCollectors(
                DefaultCollectors.Processes, options => options.CacheFor = TimeSpan.FromMinutes(1))
            .Services.BuildServiceProvider();
        var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();

        await registry.CollectAsync();
        await registry.CollectAsync();

        processes.Verify(repository => repository.GetProcessCountsAsync(It.IsAny<CancellationToken>()), Times.Once);
        subscriptions.Verify(
            repository => repository.GetSubscriptionCountsAsync(It.IsAny<CancellationToken>()), Times.Exactly(2));
    }

    [Test]
    public void Invalid_option_of_a_default_collector_is_a_startup_error() =>
        Assert.That(
            () => new ServiceCollection()
                .AddScoped(_ => Mock.Of<IProcessRepository>())
                .AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.Processes)
                .ConfigureDefaultCollectors(DefaultCollectors.Processes, options => options.Timeout = TimeSpan.Zero)
                .Services.BuildServiceProvider().GetRequiredService<OrchestratorMetricsRegistry>(),
            Throws.ArgumentException.With.Message.Contains("Timeout").And.Message.Contains("ProcessCollector"));
}
