using System.Data.Common;
using Npgsql;

namespace Orchestrator.Metrics.Exporter.Database;

/// <summary>
/// The connections of a check. If the first connection fails, all later connections fail with the same exception,
/// without another login: servers may lock an account after a few wrong passwords. Thread-safe.
/// </summary>
internal sealed class FirstLogin(DbDataSource database) : DbDataSource
{
    private readonly SemaphoreSlim _first = new(1);
    private DbException? _failure;
    private volatile bool _hasSucceeded;

    public override string ConnectionString => database.ConnectionString;

    protected override DbConnection CreateDbConnection() => database.CreateConnection();

    protected override async ValueTask<DbConnection> OpenDbConnectionAsync(
        CancellationToken cancellationToken = default)
    {
        if (_hasSucceeded)
            return await database.OpenConnectionAsync(cancellationToken);
        await _first.WaitAsync(cancellationToken);
        try
        {
            if (_failure is not null)
                throw _failure;
            var connection = await database.OpenConnectionAsync(cancellationToken);
            _hasSucceeded = true;
            return connection;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The driver throws exceptions of other types if it cannot read a file.
            throw _failure = exception as DbException ?? new NpgsqlException(exception.Message, exception);
        }
        finally
        {
            _first.Release();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            database.Dispose();
            _first.Dispose();
        }

        base.Dispose(disposing);
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await database.DisposeAsync();
        _first.Dispose();
        await base.DisposeAsyncCore();
    }
}
