using System.Reflection;

namespace Orchestrator.Metrics.Exporter;

/// <summary>The name and version of the program.</summary>
internal static class Product
{
    public const string Name = "orchestrator-metrics-exporter";

    /// <summary>The version of the package, without the commit.</summary>
    public static string Version { get; } = typeof(Product).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0];
}
