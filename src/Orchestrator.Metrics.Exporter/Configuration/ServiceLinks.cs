using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>
/// The variables that Kubernetes sets in each pod for the services of its namespace. If the name of a service starts
/// with "wfo-exporter", its variables have the prefix of the exporter. Source: <c>pkg/kubelet/envvars</c> of
/// Kubernetes.
/// </summary>
internal static partial class ServiceLinks
{
    // The name determines the result, or the value if the name ends in _PORT.
    public static bool IsServiceLink(string name, string value) =>
        Name().IsMatch(name) || (name.EndsWith("_PORT", StringComparison.Ordinal) && Address().IsMatch(value));

    [GeneratedRegex(
        "_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)\\z",
        RegexOptions.CultureInvariant)]
    private static partial Regex Name();

    [GeneratedRegex("^(tcp|udp|sctp)://", RegexOptions.CultureInvariant)]
    private static partial Regex Address();
}
