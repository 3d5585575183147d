using System.Net;
using System.Threading.RateLimiting;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// Limits the checks of passwords, which are slow on purpose: one at a time, and a short queue for each network and group
/// of user names. So a flood of wrong passwords uses one core at most. The first request of another network waits for at
/// most one check of each group of the attackers. Users of the network of an attacker may get no place in the queue.
/// Thread-safe.
/// </summary>
internal sealed class PasswordLimiter : IAsyncDisposable
{
    // Groups, because a client can invent any number of names, and a queue for known users only would reveal them.
    private const int GroupsPerNetwork = 4;

    private const int QueuePerGroup = 10;

    // As many as the server has connections.
    private const int QueueOfAll = 256;

    private readonly PartitionedRateLimiter<ClientGroup> _limiter = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<ClientGroup, ClientGroup>(
            client => RateLimitPartition.GetConcurrencyLimiter(client, _ => OneAtATime(QueuePerGroup))),
        PartitionedRateLimiter.Create<ClientGroup, int>(
            _ => RateLimitPartition.GetConcurrencyLimiter(0, _ => OneAtATime(QueueOfAll))));

    /// <summary>Waits for a permission to check one password, which ends when the lease is disposed.</summary>
    /// <returns>A lease that is not acquired if the queue is full.</returns>
    public ValueTask<RateLimitLease> AcquireAsync(
        IPAddress? address, string user, CancellationToken cancellationToken) =>
        _limiter.AcquireAsync(new(ClientNetwork.Of(address), GroupOf(user)), 1, cancellationToken);

    /// <summary>Returns the group of a user name, which no client can predict.</summary>
    public static int GroupOf(string user) => (int)((uint)user.GetHashCode(StringComparison.Ordinal) % GroupsPerNetwork);

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();

    private static ConcurrencyLimiterOptions OneAtATime(int queue) => new() { PermitLimit = 1, QueueLimit = queue };

    private sealed record ClientGroup(IPAddress Network, int Group);
}
