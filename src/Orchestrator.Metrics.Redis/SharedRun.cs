using StackExchange.Redis;

namespace Orchestrator.Metrics.Redis;

/// <summary>One request for the result of a collector.</summary>
internal sealed class SharedRun(
    RedisResultStore store, RedisConnection connection, TimeProvider time, CollectorResultRequest request, string key,
    CancellationToken cancellationToken)
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    // Replicas that are waiting for a result find it even if it is already too old for other replicas.
    private static readonly TimeSpan MinLifetime = TimeSpan.FromSeconds(1);

    // All replicas that are waiting for a failed run learn that it failed, so each runs the collector itself at once.
    private static readonly TimeSpan FailedLifetime = TimeSpan.FromSeconds(1);

    // The time after which a replica tries again to store a result that could not be stored.
    private static readonly TimeSpan UnsharedLifetime = TimeSpan.FromMinutes(1);

    private readonly long _startedAt = time.GetTimestamp();
    private readonly RunLock _lock = new(connection, time, key);

    // Redis must reply within a quarter of the timeout, and another replica must store its result within half of it.
    private TimeSpan _limit = request.Timeout / 4;

    private TimeSpan Remaining => time.GetElapsedTime(_startedAt) is var elapsed && elapsed < _limit
        ? _limit - elapsed
        : TimeSpan.Zero;

    /// <summary>Returns the stored result, or null if this replica must run the collector.</summary>
    public async Task<CollectorResult?> GetAsync()
    {
        try
        {
            while (Remaining > TimeSpan.Zero)
            {
                var (value, age) = await ReadAsync().ConfigureAwait(false);
                if (value is { IsRun: false })
                    return value.Families is { } families ? new(families, age, value.Duration, value.MaxAge) : null;
                if (value is null && await WaitInTimeAsync(_lock.TryTakeAsync(cancellationToken)).ConfigureAwait(false))
                    return null;
                _limit = request.Timeout / 2;
                await Task.Delay(PollInterval, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is RedisUnavailableException or TimeoutException)
        {
            // The connection logs an outage.
        }
        catch (Exception exception) when (exception is RedisServerException or RedisCommandException)
        {
            store.Report(request, exception.Message);
        }
        catch (OperationCanceledException)
        {
            _ = _lock.ReleaseAsync();
            throw;
        }

        return null;
    }

    public async Task<CollectorResult> CollectAsync(Func<Task<CollectorResult>> collect)
    {
        CollectorResult? result = null;
        try
        {
            return result = await collect().ConfigureAwait(false);
        }
        finally
        {
            _ = Task.Run(() => EndAsync(result), CancellationToken.None);
        }
    }

    /// <summary>Returns the value of the key and the age of the result; null if the key is empty.</summary>
    private async Task<(StoredValue? Value, TimeSpan Age)> ReadAsync()
    {
        try
        {
            var found = await ReadWithExpiryAsync().ConfigureAwait(false);

            // The expiry is read before the value. In between, another replica may have written the key.
            if (!found.Value.IsNull && found.Expiry is null)
                found = await ReadWithExpiryAsync().ConfigureAwait(false);
            if (found.Value.IsNull)
                return default;
            var value = StoredValue.Read(((byte[]?)found.Value)!);
            var remaining = found.Expiry ?? throw new FormatException("The key does not expire.");
            return (value, value.MaxAge > remaining ? value.MaxAge - remaining : TimeSpan.Zero);
        }
        catch (Exception exception) when (exception is FormatException || IsOtherType(exception))
        {
            store.Report(request, exception.Message);
            await WaitInTimeAsync(connection.SendAsync(database => database.KeyDeleteAsync(key))).ConfigureAwait(false);
            return default;
        }
    }

    private Task<RedisValueWithExpiry> ReadWithExpiryAsync() =>
        WaitInTimeAsync(connection.SendAsync(database => database.StringGetWithExpiryAsync(key)));

    private static bool IsOtherType(Exception exception) => exception is RedisServerException
        && exception.Message.StartsWith("WRONGTYPE", StringComparison.Ordinal);

    private Task<T> WaitInTimeAsync<T>(Task<T> reply) => reply.WaitAsync(Remaining, time, cancellationToken);

    private async Task EndAsync(CollectorResult? result)
    {
        try
        {
            if (!await _lock.IsTaken.ConfigureAwait(false))
                return;
            if (result is not null)
                await StoreAsync(result).ConfigureAwait(false);
            else if (!cancellationToken.IsCancellationRequested)
                await ReplaceAsync(StoredValue.CreateWithoutFamilies(), _lock.Elapsed + FailedLifetime)
                    .ConfigureAwait(false);
        }
        catch (RedisUnavailableException)
        {
            // The connection logs an outage.
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

    private async Task StoreAsync(CollectorResult result)
    {
        if (connection.IsDown)
            return;
        if (StoredValue.TryWriteFamilies(result.Families) is not { } value)
        {
            store.Report(request, "The families have no lossless text format, so they cannot be stored.");
            await ReplaceAsync(StoredValue.CreateWithoutFamilies(), _lock.Elapsed + UnsharedLifetime)
                .ConfigureAwait(false);
            return;
        }

        var shortest = _lock.Elapsed + MinLifetime;
        var maxAge = new TimeSpan(Math.Clamp(result.MaxAge.Ticks, shortest.Ticks, StoredValue.LongestTime.Ticks));
        if (await ReplaceAsync(value, maxAge, result.Duration).ConfigureAwait(false))
            store.OnStored(request);
    }

    private Task<bool> ReplaceAsync(byte[] value, TimeSpan maxAge, TimeSpan duration = default)
    {
        StoredValue.WriteHeader(value, maxAge, duration);
        return _lock.ReplaceAsync(value, maxAge);
    }
}
