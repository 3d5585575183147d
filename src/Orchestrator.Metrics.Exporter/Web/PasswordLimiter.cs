using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// Limits password checks, which are slow on purpose: one runs at a time, and each client network has a short queue per
/// group of user names. A flood of wrong passwords therefore uses at most one core. The first request from another
/// network waits for at most one check of each queue of the attackers. For users in the network of an attacker, the
/// queue may be full. Thread-safe.
/// </summary>
/// <remarks>The limiters of .NET use a timer that wakes the process ten times a second.</remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification =
    "The semaphore has no wait handle.")]
internal sealed class PasswordLimiter
{
    // User names are grouped because a client can invent any number of them. Queues for known users only would reveal
    // which users exist.
    private const int GroupsPerNetwork = 4;

    // One running check, and ten waiting ones.
    private const int MaxPerGroup = 1 + 10;

    // The maximum number of connections of the server.
    private const int MaxGroups = 256;

    private readonly Lock _lock = new();

    // The groups with requests. Each has a semaphore for its queue, and the number of its requests.
    private readonly Dictionary<ClientGroup, (SemaphoreSlim Turn, int Count)> _groups = [];
    private readonly SemaphoreSlim _turn = new(1);

    /// <returns>The result of the check, or null if the queue is full and the check was not run.</returns>
    public async Task<bool?> TryRunAsync(
        IPAddress? address, string user, Func<bool> check, CancellationToken cancellationToken)
    {
        var client = new ClientGroup(ClientNetwork.GetNetwork(address), GetGroup(user));
        if (Enter(client) is not { } turn)
            return null;
        try
        {
            return await RunInTurnAsync(
                turn, () => RunInTurnAsync(_turn, () => Task.Run(check), cancellationToken), cancellationToken);
        }
        finally
        {
            Leave(client);
        }
    }

    /// <summary>Returns the group of a user name, which no client can predict.</summary>
    public static int GetGroup(string user) =>
        (int)((uint)user.GetHashCode(StringComparison.Ordinal) % GroupsPerNetwork);

    private static async Task<bool> RunInTurnAsync(
        SemaphoreSlim turn, Func<Task<bool>> run, CancellationToken cancellationToken)
    {
        // First come, first served: a semaphore passes the turn to the request that has waited longest.
        await turn.WaitAsync(cancellationToken);
        try
        {
            return await run();
        }
        finally
        {
            turn.Release();
        }
    }

    private SemaphoreSlim? Enter(ClientGroup client)
    {
        lock (_lock)
        {
            var (turn, count) = _groups.TryGetValue(client, out var group) ? group : (null, 0);
            if (count == MaxPerGroup || (count == 0 && _groups.Count == MaxGroups))
                return null;
            turn ??= new SemaphoreSlim(1);
            _groups[client] = (turn, count + 1);
            return turn;
        }
    }

    private void Leave(ClientGroup client)
    {
        lock (_lock)
        {
            var (turn, count) = _groups[client];
            if (count > 1)
                _groups[client] = (turn, count - 1);
            else
                _groups.Remove(client);
        }
    }

    private sealed record ClientGroup(IPAddress Network, int Group);
}
