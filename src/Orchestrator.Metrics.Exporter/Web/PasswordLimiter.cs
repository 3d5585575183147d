using System.Net;
using System.Threading.RateLimiting;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// Limits the checks of passwords, which are slow on purpose: one at a time, and per address one with a short queue. So
/// a flood of wrong passwords uses one core at most, and delays the first request of other addresses by one check.
/// Thread-safe.
/// </summary>
internal sealed class PasswordLimiter : IAsyncDisposable
{
    private const int QueuePerAddress = 10;

    // As many as the server has connections.
    private const int QueueOfAll = 256;

    private readonly PartitionedRateLimiter<IPAddress> _limiter = PartitionedRateLimiter.CreateChained(
        PartitionedRateLimiter.Create<IPAddress, IPAddress>(
            address => RateLimitPartition.GetConcurrencyLimiter(address, _ => OneAtATime(QueuePerAddress))),
        PartitionedRateLimiter.Create<IPAddress, int>(
            _ => RateLimitPartition.GetConcurrencyLimiter(0, _ => OneAtATime(QueueOfAll))));

    /// <summary>Waits for a permission to check one password, which ends when the lease is disposed.</summary>
    /// <returns>A lease that is not acquired if the queue is full.</returns>
    public ValueTask<RateLimitLease> AcquireAsync(IPAddress address, CancellationToken cancellationToken) =>
        _limiter.AcquireAsync(address, 1, cancellationToken);

    public ValueTask DisposeAsync() => _limiter.DisposeAsync();

    private static ConcurrencyLimiterOptions OneAtATime(int queue) => new() { PermitLimit = 1, QueueLimit = queue };
}
