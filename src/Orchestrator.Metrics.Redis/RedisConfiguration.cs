using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Redis;

/// <summary>Parses configurations of Redis. Errors quote no part of them, because each may be a password.</summary>
internal static partial class RedisConfiguration
{
    private const string Subject = "The configuration of Redis";
    private const string Example = "Write redis.example.org:6379,password=<password>";

    /// <summary>The options that errors suggest.</summary>
    public static readonly string[] Options =
    [
        "abortConnect", "asyncTimeout", "channelPrefix", "checkCertificateRevocation", "connectRetry", "connectTimeout",
        "defaultDatabase", "keepAlive", "name", "password", "protocol", "proxy", "resolveDns", "sentinelPassword",
        "sentinelUser", "serviceName", "ssl", "sslHost", "sslProtocols", "syncTimeout", "tunnel", "user",
    ];

    /// <summary>
    /// Parses a configuration, whose default of <c>connectTimeout</c> is shorter than the timeout of commands: the first
    /// command then fails with the cause for which there is no connection.
    /// </summary>
    /// <exception cref="ArgumentException">The configuration is invalid.</exception>
    public static ConfigurationOptions Parse(string configuration, TimeSpan commandTimeout)
    {
        RequireServers(configuration);

        // The last of two equal settings applies. With the default of five seconds, reconnecting would take longer.
        var milliseconds = ((int)(0.75 * commandTimeout.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
        ConfigurationOptions options;
        try
        {
            options = ConfigurationOptions.Parse($"connectTimeout={milliseconds},{configuration}");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            // Without its message, which contains a part of the password if that contains a comma. An invalid address
            // of a tunnel is a FormatException.
            var option = (exception as ArgumentException)?.ParamName ?? "";
            throw new ArgumentException(
                $"{Part(configuration, option)} has an unknown option or an invalid value. {Suggest(option)} A password " +
                "must not contain a comma.", nameof(configuration));
        }

        return options.EndPoints.Count > 0
            ? options
            : throw new ArgumentException($"{Subject} names no server. {Example}.", nameof(configuration));
    }

    /// <summary>
    /// Rejects parts that StackExchange.Redis would take for a host name and log, although they may be a password.
    /// </summary>
    private static void RequireServers(string configuration)
    {
        var parts = configuration.Split(',', StringSplitOptions.TrimEntries);
        if (parts[0].Split('=')[0] is var name && (name.Contains("://", StringComparison.Ordinal) || name.Contains('@')))
        {
            var tls = name.StartsWith("rediss:", StringComparison.OrdinalIgnoreCase) ? ",ssl=true" : "";
            throw new ArgumentException($"{Subject} is a URL. {Example}{tls}.", nameof(configuration));
        }

        for (var i = 0; i < parts.Length; i++)
        {
            // Without a port, it cannot be distinguished from the part of a password after a comma.
            if (!IsValid(parts[i], needsPort: i > 0))
                throw new ArgumentException(
                    $"{Part(i)} is neither a server with a port nor an option. {Example}, with a password that contains " +
                    "no comma.", nameof(configuration));
        }
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

    private static string Suggest(string option) =>
        Suggestion.Find(option, Options) is { } known && !known.Equals(option, StringComparison.OrdinalIgnoreCase)
            ? $"Did you mean '{known}'?"
            : "Correct it.";

    private static string Part(string configuration, string option) => Part(Array.FindIndex(
        configuration.Split(','),
        part => string.Equals(part.Split('=')[0].Trim(), option, StringComparison.OrdinalIgnoreCase)));

    private static string Part(int index) => index < 0
        ? Subject
        : FormattableString.Invariant($"Part {index + 1} of the comma-separated configuration of Redis");

    [GeneratedRegex(@"^\$?\w+\s*=", RegexOptions.CultureInvariant)]
    private static partial Regex Option();

    [GeneratedRegex(@"^(\[[0-9a-fA-F:.%]+\]|[\w.-]+)(:(?<port>[0-9]+))?\z", RegexOptions.CultureInvariant)]
    private static partial Regex Server();
}
