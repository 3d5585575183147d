using Microsoft.Extensions.DependencyInjection;
using Moq;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

public class AddDefaultCollectorsTests
{
    [Test]
    public async Task Default_collectors_with_a_key_read_from_the_repositories_with_that_key()
    {
        await using var services = CreateServices().AddOrchestratorMetrics(
            options => options.DefaultCollectors = DefaultCollectors.None)
            .AddDefaultCollectors("second", DefaultCollectors.WorkflowEngine)
            .Services.BuildServiceProvider(validateScopes: true);
        var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();

        var snapshot = await registry.CollectAsync().Soon();

        Assert.That(snapshot.TryGetValue("wfo_active_process_count", out var running) && running == 5);
        Assert.That(snapshot.Families, Has.Count.EqualTo(2));
        Assert.That(registry.Unregister("WorkflowEngineCollector_second"), Is.True);
    }

    [Test]
    public void Options_apply_only_to_the_selected_collectors_with_the_key()
    {
        var configured = new List<string>();
        using var services = CreateServices().AddOrchestratorMetrics()
            .AddDefaultCollectors(
                "second", DefaultCollectors.Processes | DefaultCollectors.WorkflowEngine,
                options => configured.Add(options.Name))
            .ConfigureDefaultCollectors(DefaultCollectors.All, options => configured.Add("without key " + options.Name))
            .Services.BuildServiceProvider(validateScopes: true);

        Assert.That(configured, Is.EqualTo(new[] { "ProcessCollector_second", "WorkflowEngineCollector_second" }));
    }

    [Test]
    public void Adding_the_default_collectors_of_a_key_twice_is_an_error()
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics()
            .AddDefaultCollectors("second", DefaultCollectors.Processes);

        Assert.That(
            () => builder.AddDefaultCollectors("second"),
            Throws.InvalidOperationException.With.Message.StartsWith(
                "A collector named 'ProcessCollector_second' is already registered."));
    }

    private static ServiceCollection CreateServices()
    {
        var engine = new Mock<IWorkflowEngineRepository>();
        engine.Setup(repository => repository.GetEngineStateAsync(It.IsAny<CancellationToken>())).ReturnsAsync(
            new WorkflowEngineState { GlobalLock = false, RunningProcesses = 5 });
        var services = new ServiceCollection();
        services.AddKeyedScoped("second", (_, _) => engine.Object);
        return services;
    }
}
