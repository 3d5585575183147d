using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>
/// Changes the options of collectors for a single scrape, which waits for background refreshes. A check also reports
/// all failures, and measures queries instead of reading the results of other replicas from Redis.
/// </summary>
internal sealed class SingleRun(RunMode mode) : IPostConfigureOptions<CollectorOptions>
{
    public static void Apply(IServiceCollection services, ExporterOptions options)
    {
        services.AddSingleton<IPostConfigureOptions<CollectorOptions>>(new SingleRun(options.Mode));

        // The configuration would override these options.
        Remove(nameof(CollectorOptions.WaitForFirstResult));
        if (options.Mode != RunMode.Check)
            return;
        Remove(nameof(CollectorOptions.FailurePolicy));
        services.RemoveAll<ICollectorResultStore>();
        options.Packages[SettingTable.Registry + nameof(OrchestratorMetricsOptions.FailurePolicy)] =
            nameof(FailurePolicy.ReportAndContinue);

        void Remove(string option)
        {
            foreach (var key in options.Packages.Keys.Where(
                key => key.StartsWith(SettingTable.RegistryCollectors, StringComparison.Ordinal)
                    && key.EndsWith(":" + option, StringComparison.Ordinal)).ToArray())
                options.Packages.Remove(key);
        }
    }

    public void PostConfigure(string? name, CollectorOptions options)
    {
        options.WaitForFirstResult = true;
        if (mode == RunMode.Check)
            options.FailurePolicy = FailurePolicy.ReportAndContinue;
    }
}
