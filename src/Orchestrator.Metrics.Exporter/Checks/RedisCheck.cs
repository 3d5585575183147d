using System.Security.Authentication;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Exporter.Checks;

/// <summary>
/// Connects to Redis, and sends the commands of a scrape. The key is separate and expires, because the results of a
/// check must not reach other replicas.
/// </summary>
internal static class RedisCheck
{
    private const string Item = "redis";

    // Starts like the keys of results, because a server may restrict a user to certain keys.
    private const string Key = $"orchestrator-metrics:{Product.Name}:check";

    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    public static async Task RunAsync(ConfigurationOptions configuration, string source, CheckReport report)
    {
        var options = configuration.Clone();
        (options.AbortOnConnectFail, options.ConnectRetry) = (true, 1);
        var servers = new ConfigurationOptions { EndPoints = options.EndPoints }.ToString();
        try
        {
            await using var connection = await ConnectionMultiplexer.ConnectAsync(options);
            var database = connection.GetDatabase();
            await connection.GetServer((RedisKey)Key).TimeAsync();
            await database.LockTakeAsync(Key, "check", Lifetime);
            await database.StringGetWithExpiryAsync(Key);
            await database.LockExtendAsync(Key, "check", Lifetime);
            report.AddSuccess(Item, $"{servers} stores and returns values.");
        }
        catch (Exception exception) when (exception is RedisException or RedisCommandException or TimeoutException)
        {
            report.AddFailure(Item, $"{servers} {Describe(exception)} {source}. Without Redis, each replica queries " +
                "the database itself.");
        }
    }

    private static string Describe(Exception exception) => exception switch
    {
        // StackExchange.Redis reports an invalid certificate as an authentication failure.
        _ when exception.GetBaseException() is AuthenticationException =>
            "has a certificate that is not trusted, or is for another host. Trust its CA on this machine, or correct " +
            "the host in",
        RedisConnectionException { FailureType: ConnectionFailureType.AuthenticationFailure } =>
            "refuses the user or the password. Correct them in",

        // The client checks the number of the database, and other limits of the connection string.
        RedisCommandException when exception.Message.Contains("database", StringComparison.OrdinalIgnoreCase) =>
            "does not have the database that defaultDatabase selects. Correct its number in",
        RedisCommandException => $"cannot be used: {exception.Message.TrimEnd('.')}. Correct",

        // The error begins with a code, such as READONLY or NOPERM.
        RedisServerException => $"refuses a command ({exception.Message.Split(' ')[0]}). Check the permissions and " +
            "the server in",
        _ => "cannot be reached. Check that it runs, its address, and TLS in",
    };
}
