using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Tests.DependencyInjection;

internal static class ConfiguredServices
{
    public static IConfiguration CreateSettings(params (string Key, string? Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(
            setting => KeyValuePair.Create($"OrchestratorMetrics:{setting.Key}", setting.Value))).Build();

    public static ServiceProvider CreateProvider(
        IConfiguration configuration, Action<OrchestratorMetricsOptions>? configure = null,
        Action<OrchestratorMetricsBuilder>? build = null)
    {
        var services = new ServiceCollection().AddSingleton(configuration);
        var builder = services.AddOrchestratorMetrics(configure);
        build?.Invoke(builder);
        return services.BuildServiceProvider();
    }

    public static string GetProblem(ServiceProvider provider) =>
        Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate())!
            .Message;
}
