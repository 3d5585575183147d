using Microsoft.Data.Sqlite;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

/// <summary>One PostgreSQL server for all tests, and scripts of the reference data.</summary>
[SetUpFixture]
internal sealed class Databases
{
    private static readonly SemaphoreSlim Starting = new(1);
    private static PostgreSqlServer? _server;

    public static string Schema => Script("schema.sql");

    public static string Small => Script("small.sql");

    public static string Script(string name) => File.ReadAllText(Reference(name));

    public static string Reference(string name) => TestFiles.GetGolden(Path.Combine("orchestrator-db", name));

    public static async Task<PostgreSqlServer> ServerAsync()
    {
        await Starting.WaitAsync();
        try
        {
            return _server ??= await PostgreSqlServer.StartAsync();
        }
        finally
        {
            Starting.Release();
        }
    }

    public static async Task<NpgsqlDataSource> PostgreSqlAsync(params string[] scripts) =>
        await (await ServerAsync()).CreateDatabaseAsync(scripts);

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        SqliteConnection.ClearAllPools();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
