using System.Reflection;

namespace Orchestrator.Metrics.Exporter;

internal static class Product
{
    public const string Name = "orchestrator-metrics-exporter";

    public static string Version { get; } = typeof(Product).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
