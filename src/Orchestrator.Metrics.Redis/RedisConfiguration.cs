using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Redis;

/// <summary>
/// Parses configurations of Redis. Errors quote only the names of known options, because any other part of a
/// configuration may be a password.
/// </summary>
internal static partial class RedisConfiguration
{
    private const string Subject = "The configuration of Redis";
    private const string Example = "Write redis.example.org:6379,password=<password>";

    private const string Boolean = "true or false";
    private const string Integer = "a whole number, such as 1";
    private const string Milliseconds = "a number of milliseconds, such as 5000";
    private const string Seconds = "a number of seconds, such as 60";
    private const string Text = "any text";

    public static readonly Dictionary<string, string> Options = new(StringComparer.OrdinalIgnoreCase)
    {
        ["abortConnect"] = Boolean,
        ["allowAdmin"] = Boolean,
        ["asyncTimeout"] = Milliseconds,
        ["channelPrefix"] = Text,
        ["checkCertificateRevocation"] = Boolean,
        ["configChannel"] = Text,
        ["configCheckSeconds"] = Seconds,
        ["connectRetry"] = Integer,
        ["connectTimeout"] = Milliseconds,
        ["defaultDatabase"] = Integer,
        ["highIntegrity"] = Boolean,
        ["keepAlive"] = Seconds,
        ["name"] = Text,
        ["password"] = Text,
        ["protocol"] = "resp2 or resp3",
        ["proxy"] = "None, Twemproxy or Envoyproxy",
        ["resolveDns"] = Boolean,
        ["sentinelPassword"] = Text,
        ["sentinelUser"] = Text,
        ["serviceName"] = Text,
        ["setlib"] = Boolean,
        ["ssl"] = Boolean,
        ["sslHost"] = Text,
        ["sslProtocols"] = "versions of TLS, such as Tls12|Tls13",
        ["syncTimeout"] = Milliseconds,
        ["tcpKeepAlive"] = Boolean,
        ["tiebreaker"] = Text,
        ["tunnel"] = "the address of an HTTP proxy, such as http://proxy.example.org:3128",
        ["user"] = Text,
        ["version"] = "a version of Redis, such as 7.2",
    };

    // Option names of other clients. Suggestion does not find them, because they differ too much from the known names.
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["database"] = "defaultDatabase",
        ["db"] = "defaultDatabase",
        ["tls"] = "ssl",
        ["username"] = "user",
    };

    // By default, the first connection is tried once and for less than the command timeout, so that the first command
    // fails with the reason why there is no connection.
    public static ConfigurationOptions Parse(string configuration, TimeSpan commandTimeout)
    {
        RejectUrl(configuration);
        var parts = configuration.Split(',', StringSplitOptions.TrimEntries);
        for (var i = 0; i < parts.Length; i++)
        {
            // Without a port, a server cannot be distinguished from the part of a password after a comma.
            if (parts[i].Length > 0 && FindProblem(parts[i], needsPort: i > 0) is { } problem)
                throw new ArgumentException(
                    FormattableString.Invariant(
                        $"Part {i + 1} of the comma-separated configuration of Redis {problem}"),
                    nameof(configuration));
        }

        // If an option occurs twice, the last one applies. The default of five seconds would slow down reconnecting.
        var milliseconds = ((int)(0.75 * commandTimeout.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
        var options = ConfigurationOptions.Parse($"connectTimeout={milliseconds},connectRetry=1,{configuration}");
        return options.EndPoints.Count > 0
            ? options
            : throw new ArgumentException($"{Subject} names no server. {Example}.", nameof(configuration));
    }

    private static void RejectUrl(string configuration)
    {
        var name = configuration.Split(',', '=')[0].TrimStart();
        if (!name.Contains("://", StringComparison.Ordinal) && !name.Contains('@'))
            return;
        var tls = name.StartsWith("rediss:", StringComparison.OrdinalIgnoreCase) ? ",ssl=true" : "";
        throw new ArgumentException($"{Subject} is a URL. {Example}{tls}.", nameof(configuration));
    }

    /// <summary>Returns the end of the error about a part, or null if the part is a valid server or option.</summary>
    private static string? FindProblem(string part, bool needsPort)
    {
        // StackExchange.Redis would take any other part for a host name and log it, although it may be a password.
        var option = Option().Match(part);
        if (option.Success || IsServer(part, needsPort))
        {
            try
            {
                _ = ConfigurationOptions.Parse(part);
                return null;
            }
            catch (Exception exception) when (exception is ArgumentException or FormatException)
            {
                // The exception is dropped, because its message contains the value.
            }
        }

        if (!option.Success)
            return $"is neither a server with a port nor an option. {Example}, with a password that contains no comma.";
        var name = option.Groups["name"].Value;
        if (Options.TryGetValue(name, out var value))
            return $"has an invalid value: '{name}' takes {value}.";
        var remedy = Suggestion.Describe(OtherNames.GetValueOrDefault(name, name), Options.Keys, "Known options");
        return $"has an unknown option. {remedy} A password must not contain a comma.";
    }

    private static bool IsServer(string part, bool needsPort)
    {
        var server = Server().Match(part);
        return needsPort
            ? server.Groups["port"].Success
            : server.Success || IPAddress.TryParse(part, out _) || part.StartsWith("!/", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^(?<name>\$?\w+)\s*=", RegexOptions.CultureInvariant)]
    private static partial Regex Option();

    [GeneratedRegex(@"^(\[[0-9a-fA-F:.%]+\]|[\w.-]+)(:(?<port>[0-9]+))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Server();
}
