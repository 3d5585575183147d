using System.Reflection;
using System.Runtime.InteropServices;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.DependencyInjection;

internal sealed record BuildInfo(string Application, string Version, string Revision)
{
    public static BuildInfo Read(Assembly assembly)
    {
        var name = assembly.GetName();
        var informational = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;

        // The SDK appends the commit after '+'.
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

    // Without the suffix _info, which the type implies.
    public static string GetFamilyName(string application) => $"{application}_build";

    // Converts Acme.Orders to acme_orders.
    private static string ToMetricName(string assembly)
    {
        var words = string.Concat(assembly.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : ' '))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var name = string.Join('_', words);
        return name.Length == 0 || MetricNames.IsLegacyMetricName(name) ? name : $"_{name}";
    }
}
