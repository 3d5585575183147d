using System.Net;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Redis;

/// <summary>
/// Finds parts of a Redis configuration that StackExchange.Redis would take for a host name and log, although they may
/// be a password.
/// </summary>
internal static partial class RedisServers
{
    private const string Example = "Write redis.example.org:6379,password=...,ssl=true";

    /// <summary>Returns what is wrong, without quoting the configuration; null if it is valid.</summary>
    public static string? FindProblem(string configuration)
    {
        var parts = configuration.Split(',', StringSplitOptions.TrimEntries);
        if (parts[0].Split('=')[0] is var name && (name.Contains("://", StringComparison.Ordinal) || name.Contains('@')))
            return $"It is a URL. {Example}";
        for (var i = 0; i < parts.Length; i++)
        {
            // Without a port, it cannot be distinguished from the part of a password after a comma.
            if (!IsValid(parts[i], needsPort: i > 0))
                return FormattableString.Invariant($"Part {i + 1} of it, separated by commas, ") +
                    $"is neither a server with a port nor an option. {Example}, with a password that contains no comma";
        }

        return null;
    }

    private static bool IsValid(string part, bool needsPort)
    {
        if (part.Length == 0 || Option().IsMatch(part))
            return true;
        var server = Server().Match(part);
        return needsPort
            ? server.Groups["port"].Success
            : server.Success || IPAddress.TryParse(part, out _) || part.StartsWith("!/", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^\$?\w+\s*=", RegexOptions.CultureInvariant)]
    private static partial Regex Option();

    [GeneratedRegex(@"^(\[[0-9a-fA-F:.%]+\]|[\w.-]+)(:(?<port>[0-9]+))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Server();
}
