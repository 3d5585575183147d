using System.Data.Common;
using Npgsql;

namespace Orchestrator.Metrics.Exporter.Database;

/// <summary>
/// The connections to the database of orchestrator-core. Reads the secret again before each connection is opened, so a
/// changed secret file applies without a restart, even with another user. If the volume of the file does not respond,
/// one caller waits for the volume. All other callers use the last valid secret after a second. Thread-safe.
/// </summary>
internal sealed partial class OrchestratorDataSource : DbDataSource
{
    // In bytes. A connection string may override it. The default of 8 KiB needs several times as many system calls.
    private const int ReadBufferSize = 64 * 1024;

    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly Func<string> _readConnectionString;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private volatile NpgsqlDataSource _current;
    private NpgsqlDataSource? _previous;
    private string _connectionString;
    private int _isFailing;
    private int _isDisposed;

    /// <exception cref="ConfigurationException">
    /// The connection string is invalid, or its file cannot be read.
    /// </exception>
    public OrchestratorDataSource(Func<string> readConnectionString, ILoggerFactory loggers)
    {
        (_readConnectionString, _loggers) = (readConnectionString, loggers);
        _logger = loggers.CreateLogger<OrchestratorDataSource>();
        _connectionString = readConnectionString();
        _current = Create(_connectionString);
    }

    /// <summary>The connection string, without the password.</summary>
    public override string ConnectionString => _current.ConnectionString;

    protected override DbConnection CreateDbConnection() => GetCurrent().CreateConnection();

    // Completes synchronously with a pooled connection, so the repositories know that it may be stale.
    protected override ValueTask<DbConnection> OpenDbConnectionAsync(CancellationToken cancellationToken = default) =>
        ((DbDataSource)GetCurrent()).OpenConnectionAsync(cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Interlocked.Exchange(ref _isDisposed, 1);
            _previous?.Dispose();
            _current.Dispose();
        }

        base.Dispose(disposing);
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        Interlocked.Exchange(ref _isDisposed, 1);
        if (_previous is { } previous)
            await previous.DisposeAsync();
        await _current.DisposeAsync();
        await base.DisposeAsyncCore();
    }

    private NpgsqlDataSource GetCurrent()
    {
        if (_lock.TryEnter(MaxWait))
        {
            try
            {
                Update();
            }
            finally
            {
                _lock.Exit();
            }
        }
        else
        {
            Keep("Its file cannot be read: the volume does not respond.");
        }

        return _current;
    }

    private void Update()
    {
        try
        {
            var connectionString = _readConnectionString();
            if (connectionString != _connectionString)
                Replace(connectionString);
            _isFailing = 0;
        }
        catch (ConfigurationException exception)
        {
            // The file may be incomplete while another program writes it.
            Keep(exception.Message);
        }
    }

    private void Keep(string reason)
    {
        if (Interlocked.Exchange(ref _isFailing, 1) == 0)
            LogNotRead(reason);
    }

    private void Replace(string connectionString)
    {
        var next = Create(connectionString);

        // Npgsql keeps a reference to each data source until it is disposed.
        _previous?.Dispose();
        (_previous, _current, _connectionString) = (_current, next, connectionString);

        // Closes idle connections; connections in use are closed when they are returned. The source is disposed at the
        // next replacement, because another collector may be about to open a connection.
        _previous.Clear();

        // Disposal does not wait for a read of the secret, which may hang.
        if (Interlocked.CompareExchange(ref _isDisposed, 0, 0) == 1)
            next.Dispose();
        LogReplaced();
    }

    private NpgsqlDataSource Create(string connectionString)
    {
        var builder = new NpgsqlSlimDataSourceBuilder(connectionString);
        if (!builder.ConnectionStringBuilder.ShouldSerialize("Read Buffer Size"))
            builder.ConnectionStringBuilder.ReadBufferSize = ReadBufferSize;
        builder.EnableTransportSecurity();
        builder.UseLoggerFactory(_loggers);
        try
        {
            return builder.Build();
        }
        catch (Exception exception) when (
            exception is ArgumentException or InvalidOperationException or NotSupportedException)
        {
            // Omits the message, because Npgsql does not guarantee that it contains no value.
            throw new ConfigurationException(
                ["Npgsql rejects the parameters of the database connection. Correct them; see " +
                "https://www.npgsql.org/doc/connection-string-parameters.html."]);
        }
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The database secret has changed and is used for new " +
        "connections.")]
    private partial void LogReplaced();

    [LoggerMessage(Level = LogLevel.Error, Message = "The last valid database secret stays in use. {Reason}")]
    private partial void LogNotRead(string reason);
}
