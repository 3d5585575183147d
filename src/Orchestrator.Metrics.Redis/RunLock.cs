using StackExchange.Redis;

namespace Orchestrator.Metrics.Redis;

/// <summary>
/// The right to run a collector, as a key that expires soon after a crash and is extended until it is released.
/// </summary>
internal sealed class RunLock(RedisConnection connection, TimeProvider time, string key)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    private readonly RedisValue _token = Guid.NewGuid().ToString("N");
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether this replica has the lock, or had it.</summary>
    public bool IsTaken { get; private set; }

    /// <summary>Takes the lock if it is free, and extends it until it is released or the token is cancelled.</summary>
    /// <exception cref="RedisServerException">Redis answers with an error.</exception>
    /// <exception cref="RedisLostException">Redis does not answer.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<bool> TryTakeAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        IsTaken = await connection.SendAsync(
            database => database.LockTakeAsync(key, _token, Lifetime), timeout, cancellationToken)
            .ConfigureAwait(false);
        if (IsTaken)
            _ = ExtendAsync(cancellationToken);
        return IsTaken;
    }

    /// <summary>Releases the lock if it is taken. Never fails: otherwise the lock expires.</summary>
    public async Task ReleaseAsync()
    {
        if (!IsTaken)
            return;
        _released.TrySetResult();
        await TrySendAsync(database => database.LockReleaseAsync(key, _token)).ConfigureAwait(false);
    }

    // A run that ignores its cancellation must not hold the lock.
    private async Task ExtendAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await _released.Task.WaitAsync(Lifetime / 4, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_released.Task.IsCompleted || cancellationToken.IsCancellationRequested)
                return;
            await TrySendAsync(database => database.LockExtendAsync(key, _token, Lifetime)).ConfigureAwait(false);
        }
    }

    private async Task TrySendAsync(Func<IDatabase, Task<bool>> command)
    {
        Task send = connection.SendAsync(command, connection.CommandTimeout, CancellationToken.None);
        await send.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
