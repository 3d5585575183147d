using System.Reflection;
using System.Runtime.InteropServices;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.DependencyInjection;

/// <summary>The build of an application, according to its assembly.</summary>
/// <param name="Application">The name of the assembly as a metric name prefix.</param>
/// <param name="Version">The informational version up to <c>+</c>, or the assembly version if there is none.</param>
/// <param name="Revision">
/// The informational version after <c>+</c>, where the SDK puts the commit; empty if there is none.
/// </param>
internal sealed record BuildInfo(string Application, string Version, string Revision)
{
    public static BuildInfo Read(Assembly assembly)
    {
        var name = assembly.GetName();
        var informational = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        var (version, revision) = informational?.Split('+', 2) switch
        {
            [var first, var second] => (first, second),
            [{ Length: > 0 } first] => (first, ""),
            _ => (name.Version?.ToString() ?? "", ""),
        };
        return new(ToMetricName(name.Name ?? ""), version, revision);
    }

    public MetricFamily ToFamily(string application)
    {
        var info = MetricFamily.Info(GetFamilyName(application), "Version, revision and runtime of the application.");
        info.Add(MetricPoint.Info(
        [
            new("version", Version),
            new("revision", Revision),
            new("runtime", RuntimeInformation.FrameworkDescription),
        ]));
        return info;
    }

    /// <summary>Returns the name of the family, without the suffix <c>_info</c> that its type implies.</summary>
    public static string GetFamilyName(string application) => $"{application}_build";

    /// <summary>Converts <c>Acme.Orders</c> to <c>acme_orders</c>.</summary>
    private static string ToMetricName(string assembly)
    {
        var words = string.Concat(assembly.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' '))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var name = string.Join('_', words);
        return name.Length == 0 || MetricNames.IsLegacyMetricName(name) ? name : $"_{name}";
    }
}
