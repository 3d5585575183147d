using StackExchange.Redis;

namespace Orchestrator.Metrics.Redis;

/// <summary>
/// The lock for running a collector and storing its result: a token in the key of the result. Only the replica whose
/// token the key contains replaces the token with a result. Until then, the replica extends the token, which expires
/// soon after a crash.
/// </summary>
internal sealed class RunLock(RedisConnection connection, TimeProvider time, string key)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(5);

    // Results are stored in the background, so a slow Redis delays no scrape.
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(5);

    private readonly RedisValue _token = StoredValue.CreateRunToken();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task<Exception?> _extension = Task.FromResult<Exception?>(null);
    private long _requestedAt;
    private DateTime _startedAt;

    /// <summary>Whether the lock was taken. Completes when Redis replies. False before an attempt.</summary>
    public Task<bool> IsTaken { get; private set; } = Task.FromResult(false);

    public TimeSpan Elapsed => time.GetElapsedTime(_requestedAt);

    /// <summary>
    /// Takes the lock if the key is empty, and extends it until <see cref="ReplaceAsync"/> or
    /// <see cref="ReleaseAsync"/> is called. Cancellation also ends the extension, because a run that ignores its
    /// cancellation must not hold the lock.
    /// </summary>
    public Task<bool> TryTakeAsync(CancellationToken cancellationToken) => IsTaken = TakeAsync(cancellationToken);

    /// <summary>
    /// Replaces the token with a value, which expires at its maximum age. The age is measured from before the run, by
    /// the clock of Redis. Does nothing if the key no longer contains the token. Releases the lock if Redis returns an
    /// error.
    /// </summary>
    /// <exception cref="RedisException">
    /// Redis returned an error, or the token has expired because Redis returned an error instead of extending it.
    /// </exception>
    /// <exception cref="RedisUnavailableException">Redis is unavailable.</exception>
    public async Task<bool> ReplaceAsync(byte[] value, TimeSpan maxAge)
    {
        _ended.TrySetResult();
        bool isReplaced;
        try
        {
            isReplaced = await connection.SendAsync(
                database =>
                {
                    var transaction = database.CreateTransaction();
                    transaction.AddCondition(Condition.StringEqual(key, _token));
                    _ = transaction.StringSetAsync(key, value);

                    // A point in time, because a frozen Redis may execute the commands much later.
                    _ = transaction.KeyExpireAsync(key, _startedAt + maxAge);
                    return transaction.ExecuteAsync();
                },
                StoreTimeout).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            await DeleteTokenAsync().ConfigureAwait(false);
            throw;
        }

        if (!isReplaced && await _extension.ConfigureAwait(false) is { } refusal)
            throw refusal;
        return isReplaced;
    }

    /// <summary>
    /// Releases the lock if it was taken and <see cref="ReplaceAsync"/> was not called. Never throws: if Redis does not
    /// respond, the token expires.
    /// </summary>
    public async Task ReleaseAsync()
    {
        await ((Task)IsTaken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (IsTaken is { IsCompletedSuccessfully: true, Result: true } && _ended.TrySetResult())
            await DeleteTokenAsync().ConfigureAwait(false);
    }

    private async Task DeleteTokenAsync()
    {
        Task deletion = connection.SendAsync(database => database.LockReleaseAsync(key, _token));
        await deletion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task<bool> TakeAsync(CancellationToken cancellationToken)
    {
        _requestedAt = time.GetTimestamp();
        var isTaken = await connection.SendAsync(
            async database =>
            {
                var now = await database.Multiplexer.GetServer((RedisKey)key).TimeAsync().ConfigureAwait(false);

                // This replica may already be running the collector, because the caller waits only for a short time.
                _startedAt = now - Elapsed;
                return await database.LockTakeAsync(key, _token, Lifetime).ConfigureAwait(false);
            }).ConfigureAwait(false);
        if (isTaken)
            _extension = ExtendAsync(cancellationToken);
        return isTaken;
    }

    /// <summary>
    /// Extends the lock until it is replaced, released or cancelled. Returns the last error since the last successful
    /// extension, or null.
    /// </summary>
    private async Task<Exception?> ExtendAsync(CancellationToken cancellationToken)
    {
        Exception? refusal = null;
        while (true)
        {
            await _ended.Task.WaitAsync(Lifetime / 4, time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ended.Task.IsCompleted || cancellationToken.IsCancellationRequested)
                return refusal;
            try
            {
                if (await connection.SendAsync(database => database.LockExtendAsync(key, _token, Lifetime))
                    .ConfigureAwait(false))
                    refusal = null;
            }
            catch (RedisUnavailableException)
            {
                // The connection logs an outage.
            }
            catch (Exception exception)
            {
                refusal = exception;
            }
        }
    }
}
