using StackExchange.Redis;

namespace Orchestrator.Metrics.Redis;

/// <summary>
/// Sends commands to Redis with a short timeout. If a command times out or the connection is lost, further commands
/// fail at once until Redis replies to a ping, which is sent in the background. Thread-safe.
/// </summary>
internal sealed class RedisConnection(
    Func<Task<IConnectionMultiplexer>> connect, bool isOwned, TimeSpan commandTimeout, TimeProvider time, RedisLog log)
    : IDisposable
{
    public static readonly TimeSpan DefaultCommandTimeout = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan ProbeInterval = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposing = new();
    private Task<IConnectionMultiplexer>? _connection;
    private bool _isDown;

    public bool IsDown => Volatile.Read(ref _isDown);

    /// <summary>
    /// Sends a command. The caller may stop waiting, but Redis counts as unavailable only after the timeout.
    /// </summary>
    /// <exception cref="RedisServerException">Redis returned an error.</exception>
    /// <exception cref="RedisCommandException">The connection is configured not to send the command.</exception>
    /// <exception cref="RedisUnavailableException">Redis is unavailable.</exception>
    public Task<T> SendAsync<T>(Func<IDatabase, Task<T>> command, TimeSpan? timeout = null) =>
        Observe(SendIfAvailableAsync(command, timeout ?? commandTimeout));

    public void Dispose()
    {
        // The token source is not disposed: it has neither a timer nor a wait handle, and commands may be in flight.
        _disposing.Cancel();
        Task<IConnectionMultiplexer>? connection;
        lock (_lock)
            connection = _connection;
        if (isOwned && connection is not null)
            _ = CloseAsync(connection);
    }

    private static async Task CloseAsync(Task<IConnectionMultiplexer> connection)
    {
        await ((Task)connection).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!connection.IsCompletedSuccessfully)
            return;

        // A server that does not respond must not delay the shutdown of the host.
        var connected = await connection.ConfigureAwait(false);
        await connected.CloseAsync(allowCommandsToComplete: false)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await connected.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<T> SendIfAvailableAsync<T>(Func<IDatabase, Task<T>> command, TimeSpan timeout)
    {
        if (IsDown)
            throw new RedisUnavailableException();
        try
        {
            return await Observe(SendNowAsync(command)).WaitAsync(timeout, time).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is not (RedisServerException or RedisCommandException))
        {
            OnLost(exception);
            throw new RedisUnavailableException();
        }
    }

    private async Task<T> SendNowAsync<T>(Func<IDatabase, Task<T>> command)
    {
        Task<IConnectionMultiplexer> connection;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
            if (_connection is null or { IsCompleted: true, IsCompletedSuccessfully: false })
                _connection = connect();
            connection = _connection;
        }

        return await command((await connection.ConfigureAwait(false)).GetDatabase()).ConfigureAwait(false);
    }

    private void OnLost(Exception exception)
    {
        lock (_lock)
        {
            if (_isDown || _disposing.IsCancellationRequested)
                return;
            _isDown = true;
        }

        _ = ProbeAsync(_disposing.Token);
        log.Lost(exception);
    }

    private async Task ProbeAsync(CancellationToken disposing)
    {
        do
        {
            await Task.Delay(ProbeInterval, time, disposing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (disposing.IsCancellationRequested)
                return;
        }
        while (!await RespondsAsync(disposing).ConfigureAwait(false));

        Volatile.Write(ref _isDown, false);
        log.Recovered();
    }

    private async Task<bool> RespondsAsync(CancellationToken disposing)
    {
        var ping = Observe(SendNowAsync(database => database.PingAsync())).WaitAsync(commandTimeout, time, disposing);
        await ((Task)ping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return ping.IsCompletedSuccessfully;
    }

    /// <summary>Returns the task, and observes its exception in case the caller stops waiting.</summary>
    private static Task<T> Observe<T>(Task<T> task)
    {
        _ = task.ContinueWith(
            static failed => failed.Exception, CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        return task;
    }
}

/// <summary>Thrown if Redis is unavailable. The cause has been logged.</summary>
internal sealed class RedisUnavailableException : Exception;
