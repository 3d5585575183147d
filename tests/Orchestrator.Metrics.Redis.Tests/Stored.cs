using System.Globalization;
using Orchestrator.Metrics.Redis;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

/// <summary>The results in Redis.</summary>
internal static class Stored
{
    /// <summary>Returns the names of the keys with results, but not of keys with the token of a replica.</summary>
    public static string[] Keys(IDatabase database) =>
    [
        .. RedisServer.Keys(database).Where(
            key => (byte[]?)database.StringGet(key) is { } value && !StoredValue.Read(value).IsRun),
    ];

    /// <summary>Waits until one result is stored, and returns its key.</summary>
    public static async Task<string> KeyAsync(IDatabase database) =>
        (await Waiting.UntilAsync(() => Keys(database), keys => keys.Length == 1)).Single();

    /// <summary>Waits until a replica has the token in a key, and returns the key.</summary>
    public static async Task<string> RunKeyAsync(IDatabase database) => (await Waiting.UntilAsync(
        () => RedisServer.Keys(database).Except(Keys(database)).ToArray(), keys => keys.Length == 1)).Single();

    /// <summary>Returns the families of the stored result, as text.</summary>
    public static string Text(IDatabase database, string key) =>
        new MetricsSnapshot(StoredValue.Read(database.StringGet(key)!).Families!).ToString();

    /// <summary>Returns how often clients have sent a command.</summary>
    public static long Calls(IDatabase database, string command) =>
        database.Multiplexer.GetServers().Single().Info("commandstats").Single()
            .Where(line => line.Key == $"cmdstat_{command}")
            .Select(line => long.Parse(line.Value.Split('=', ',')[1], CultureInfo.InvariantCulture))
            .SingleOrDefault();
}
