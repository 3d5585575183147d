using System.Globalization;
using Orchestrator.Metrics.Redis;
using StackExchange.Redis;

namespace Orchestrator.Metrics.Tests;

internal static class StoredResults
{
    /// <summary>Returns the keys that contain results, without those that contain the token of a replica.</summary>
    public static string[] GetKeys(IDatabase database) =>
    [
        .. RedisServer.GetKeys(database).Where(
            key => (byte[]?)database.StringGet(key) is { } value && !StoredValue.Read(value).IsRun),
    ];

    public static async Task<string> WaitForKeyAsync(IDatabase database) =>
        (await Waiting.UntilAsync(() => GetKeys(database), keys => keys.Length == 1)).Single();

    /// <summary>Waits until exactly one key contains the token of a replica, and returns the key.</summary>
    public static async Task<string> WaitForRunKeyAsync(IDatabase database) => (await Waiting.UntilAsync(
        () => RedisServer.GetKeys(database).Except(GetKeys(database)).ToArray(), keys => keys.Length == 1)).Single();

    public static string ReadText(IDatabase database, string key) =>
        new MetricsSnapshot(StoredValue.Read(database.StringGet(key)!).Families!).ToString();

    /// <summary>Returns how often clients have called a command that deletes keys.</summary>
    public static long CountDeletions(IDatabase database) =>
        CountCalls(database, "del") + CountCalls(database, "unlink");

    public static long CountCalls(IDatabase database, string command) =>
        database.Multiplexer.GetServers().Single().Info("commandstats").Single()
            .Where(line => line.Key == $"cmdstat_{command}")
            .Select(line => long.Parse(line.Value.Split('=', ',')[1], CultureInfo.InvariantCulture))
            .SingleOrDefault();
}
