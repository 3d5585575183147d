using StackExchange.Redis;

namespace Orchestrator.Metrics.Redis;

/// <summary>
/// One request for the result of a collector. Reads the key; if it is empty, takes the lock and runs the collector, or
/// waits for the replica that has the lock, for at most half of the timeout.
/// </summary>
internal sealed class SharedRun(
    RedisResultStore store, RedisConnection connection, TimeProvider time, CollectorResultRequest request, string key,
    CancellationToken cancellationToken)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // Replicas that are waiting for a result find it even if it is already too old for others.
    private static readonly TimeSpan MinLifetime = TimeSpan.FromSeconds(1);

    // Replicas that are waiting for a failed run need not fail one after the other: each runs the collector itself.
    private static readonly TimeSpan FailedLifetime = TimeSpan.FromSeconds(1);

    // After this time, a result that cannot be stored is tried again.
    private static readonly TimeSpan UnsharedLifetime = TimeSpan.FromMinutes(1);

    // Results are stored in the background, where a slow Redis delays no scrape.
    private static readonly TimeSpan StoreTimeout = TimeSpan.FromSeconds(5);

    private readonly long _startedAt = time.GetTimestamp();
    private readonly RunLock _lock = new(connection, time, key + ":lock");
    private bool _isUnshared;

    private TimeSpan CommandTimeout => request.Timeout / 4 < connection.CommandTimeout
        ? request.Timeout / 4
        : connection.CommandTimeout;

    /// <summary>Returns the stored result; null if this replica must run the collector.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<CollectorResult?> GetAsync()
    {
        try
        {
            while (true)
            {
                if (await ReadAsync().ConfigureAwait(false) is { } result)
                    return result;
                if (_isUnshared)
                    return null;
                if (await _lock.TryTakeAsync(CommandTimeout, cancellationToken).ConfigureAwait(false))
                    return await ReadUnderLockAsync().ConfigureAwait(false);
                if (time.GetElapsedTime(_startedAt) >= request.Timeout / 2)
                    return null;
                await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (RedisLostException)
        {
            return null;
        }
        catch (RedisServerException exception)
        {
            store.Report(request, exception.Message);
            return null;
        }
    }

    /// <summary>Runs the collector, and stores its result in the background.</summary>
    public async Task<CollectorResult> CollectAsync(Func<Task<CollectorResult>> collect)
    {
        CollectorResult? result = null;
        try
        {
            return result = await collect().ConfigureAwait(false);
        }
        finally
        {
            var endedAt = time.GetTimestamp();
            _ = Task.Run(() => EndAsync(result, endedAt), CancellationToken.None);
        }
    }

    // Another replica may have stored its result since this one read the key.
    private async Task<CollectorResult?> ReadUnderLockAsync()
    {
        CollectorResult? result = null;
        var mustCollect = false;
        try
        {
            result = await ReadAsync().ConfigureAwait(false);
            mustCollect = result is null;
        }
        finally
        {
            if (!mustCollect)
                await _lock.ReleaseAsync().ConfigureAwait(false);
        }

        return result;
    }

    private async Task<CollectorResult?> ReadAsync()
    {
        try
        {
            var found = await connection.SendAsync(
                database => database.StringGetWithExpiryAsync(key), CommandTimeout, cancellationToken)
                .ConfigureAwait(false);
            if (found.Value.IsNull)
                return null;
            var remaining = found.Expiry ?? throw new FormatException("The key does not expire.");
            var value = StoredValue.Read(((byte[]?)found.Value)!);
            _isUnshared = value.Families is null;
            if (value.Families is null)
                return null;
            var inRedis = value.Lifetime > remaining ? value.Lifetime - remaining : TimeSpan.Zero;
            return new(value.Families, value.Age + inRedis, value.Duration, value.Age + value.Lifetime);
        }
        catch (FormatException exception)
        {
            store.Report(request, exception.Message);
            return null;
        }
        catch (RedisServerException exception)
        {
            // Such as a key of another type, which storing replaces.
            store.Report(request, exception.Message);
            return null;
        }
    }

    private async Task EndAsync(CollectorResult? result, long endedAt)
    {
        try
        {
            if (result is not null)
                await StoreAsync(result, endedAt).ConfigureAwait(false);
            else if (_lock.IsTaken && !cancellationToken.IsCancellationRequested)
                await StoreAsync(StoredValue.WithoutFamilies(), null, FailedLifetime).ConfigureAwait(false);
        }
        catch (RedisLostException)
        {
            // The connection has logged it.
        }
        catch (Exception exception)
        {
            store.Report(request, exception.Message);
        }
        finally
        {
            await _lock.ReleaseAsync().ConfigureAwait(false);
        }
    }

    private async Task StoreAsync(CollectorResult result, long endedAt)
    {
        if (_isUnshared || connection.IsDown)
            return;
        if (StoredValue.TryWriteFamilies(result.Families) is not { } value)
        {
            store.Report(request, "The families have no lossless text, so that they cannot be stored.");
            await StoreAsync(StoredValue.WithoutFamilies(), null, UnsharedLifetime).ConfigureAwait(false);
            return;
        }

        var age = result.Age + time.GetElapsedTime(endedAt);
        var lifetime = result.MaxAge > age + MinLifetime ? result.MaxAge - age : MinLifetime;
        await StoreAsync(value, result with { Age = age }, lifetime).ConfigureAwait(false);
        store.OnStored(request);
    }

    private async Task StoreAsync(byte[] value, CollectorResult? result, TimeSpan lifetime)
    {
        StoredValue.WriteHeader(value, lifetime, result?.Age ?? default, result?.Duration ?? default);
        await connection.SendAsync(
            database => database.StringSetAsync(key, value, lifetime), StoreTimeout, CancellationToken.None)
            .ConfigureAwait(false);
    }
}
