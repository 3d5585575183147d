using System.Globalization;
using System.Net;
using Orchestrator.Metrics.Exporter.Configuration;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Exporter.Checks;

/// <summary>
/// Connects to Redis, and sends the commands of a scrape with a separate key, which expires: the results of a check
/// must not reach other replicas.
/// </summary>
internal static class RedisCheck
{
    private const string Item = "redis";

    // The same start as the keys of results, for servers that restrict users to keys.
    private const string Key = $"orchestrator-metrics:{Product.Name}:check";

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    /// <param name="secret">The configuration, which the host has validated.</param>
    /// <param name="report">Receives the result.</param>
    public static async Task RunAsync(Secret secret, CheckReport report)
    {
        ConfigurationOptions options;
        try
        {
            // The timeout of ShareResultsInRedis, unless the configuration sets it. The last of two equal settings counts.
            options = ConfigurationOptions.Parse("connectTimeout=750," + secret.Read());
        }
        catch (ArgumentException)
        {
            // Not the message, which may contain a part of the password.
            report.Failed(Item, $"{secret.Source} has changed during the check, and is invalid.");
            return;
        }

        (options.AbortOnConnectFail, options.ConnectRetry) = (true, 1);
        var servers = string.Join(", ", options.EndPoints.Select(Describe));
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
            var database = connection.GetDatabase();
            await connection.GetServer((RedisKey)Key).TimeAsync();
            await database.LockTakeAsync(Key, "check", Lifetime);
            await database.StringGetWithExpiryAsync(Key);
            await database.LockExtendAsync(Key, "check", Lifetime);
            report.Ok(Item, $"{servers} stores and returns values.");
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            report.Failed(Item, $"{servers} {Describe(exception)} {secret.Source}. Without Redis, each replica queries " +
                "the database itself.");
        }
    }

    private static string? Describe(EndPoint server) => server switch
    {
        // The default port.
        DnsEndPoint { Port: 0 } dns => dns.Host,
        DnsEndPoint dns => string.Create(CultureInfo.InvariantCulture, $"{dns.Host}:{dns.Port}"),
        _ => server.ToString(),
    };

    private static string Describe(Exception exception) => exception switch
    {
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } =>
            "refuses the user or the password. Correct them in",

        // The answer begins with a code, such as READONLY or NOPERM.
        RedisServerException => $"refuses a command ({exception.Message.Split(' ')[0]}). Check the permissions and the " +
            "server in",
        _ => "cannot be reached. Check that it runs, its address, and TLS in",
    };
}
