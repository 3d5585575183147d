using Orchestrator.Metrics.Redis;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>Finds errors in a Redis configuration string.</summary>
internal static class RedisText
{
    private const string Example = "Write it like redis.example.org:6379,password=...";

    // StackExchange.Redis does not list them. Options that only tune the library are left out.
    private static readonly string[] Options =
    [
        "abortConnect", "allowAdmin", "asyncTimeout", "channelPrefix", "checkCertificateRevocation", "configChannel",
        "configCheckSeconds", "connectRetry", "connectTimeout", "defaultDatabase", "keepAlive", "name", "password",
        "protocol", "proxy", "resolveDns", "sentinelPassword", "sentinelUser", "serviceName", "ssl", "sslHost",
        "sslProtocols", "syncTimeout", "tiebreaker", "tunnel", "user", "version",
    ];

    /// <summary>Returns what is wrong, without a part of the text that may be the password; null if it is valid.</summary>
    public static string? FindProblem(string text)
    {
        if (RedisServers.FindProblem(text) is { } problem)
            return problem + ".";
        try
        {
            var options = ConfigurationOptions.Parse(text, ignoreUnknown: true);
            if (options.EndPoints.Count == 0)
                return $"It names no server. {Example}";
        }
        catch (ArgumentException exception)
        {
            return Array.Find(
                    Options, option => string.Equals(option, exception.ParamName, StringComparison.OrdinalIgnoreCase)) is { } option
                ? $"The value of its option '{option}' is invalid. Correct it."
                : $"It is not a configuration of Redis. {Example}";
        }

        try
        {
            ConfigurationOptions.Parse(text);
            return null;
        }
        catch (ArgumentException exception)
        {
            return DescribeUnknown(text, exception.ParamName ?? "");
        }
    }

    // Omits the name, which is a part of the password if that contains a comma.
    private static string DescribeUnknown(string text, string name)
    {
        var part = Array.FindIndex(text.Split(','), part => part.Split('=')[0].Trim() == name) + 1;
        return FormattableString.Invariant($"Part {part} of it, separated by commas, is not a known option. ") +
            (Suggestion.Find(name, Options) is { } suggestion
                ? $"Did you mean '{suggestion}'?"
                : $"{Example} A password must not contain a comma.");
    }
}
