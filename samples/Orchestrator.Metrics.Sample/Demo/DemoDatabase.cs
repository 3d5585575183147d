using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Sample.Data;

namespace Sample.Demo;

/// <summary>
/// An SQLite database in a dedicated folder, so concurrent samples do not interfere. When the application stops, also
/// on Ctrl+C or SIGTERM, the container disposes this object, which deletes the folder.
/// </summary>
internal sealed class DemoDatabase : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("orchestrator-metrics-sample-");

    public DemoDatabase()
    {
        var connectionString = new SqliteConnectionStringBuilder
        {
            DataSource = Path.Combine(_folder.FullName, "orchestrator.db"),
            ForeignKeys = true,

            // A pooled connection keeps its file open. Such a connection would continue to read a file that was
            // replaced, and Windows does not delete open files.
            Pooling = false,
        };
        DataSource = SqliteFactory.Instance.CreateDataSource(connectionString.ToString());
    }

    public DbDataSource DataSource { get; }

    public void Dispose() => _folder.Delete(recursive: true);
}

/// <summary>Creates and fills the tables before the server starts to listen.</summary>
internal sealed class DemoDatabaseSetup(DbDataSource database, TimeProvider time, IOptions<SampleOptions> options)
    : IHostedService
{
    private static readonly DateTimeOffset FixedEnd = new(2026, 1, 15, 12, 0, 0, TimeSpan.Zero);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // The engine continues the open processes from this time. Without the engine, a fixed date makes the data
        // identical in each run.
        var end = options.Value.End ?? (options.Value.Simulate ? time.GetUtcNow() : FixedEnd);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // With a write-ahead log, scrapes and the engine do not block each other.
        await connection.ExecuteAsync("PRAGMA journal_mode = WAL", [], cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await connection.ExecuteAsync(Schema.Sql, [], cancellationToken);
        await new DemoData(connection, end).InsertAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}

internal static class DemoDatabaseServices
{
    public static void AddDemoDatabase(this IServiceCollection services)
    {
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<DemoDatabase>();
        services.AddSingleton(provider => provider.GetRequiredService<DemoDatabase>().DataSource);
        services.AddHostedService<DemoDatabaseSetup>();
    }
}
