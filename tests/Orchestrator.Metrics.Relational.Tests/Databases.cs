using Microsoft.Data.Sqlite;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

/// <summary>The PostgreSQL server that tests share, and the files of the reference data.</summary>
[SetUpFixture]
internal sealed class Databases
{
    private static readonly SemaphoreSlim Starting = new(1);
    private static PostgreSqlServer? _server;

    public static string Schema => ReadScript("schema.sql");

    public static string Small => ReadScript("small.sql");

    public static string ReadScript(string name) => File.ReadAllText(GetReferencePath(name));

    public static string GetReferencePath(string name) => TestFiles.GetGolden(Path.Combine("orchestrator-db", name));

    public static async Task<PostgreSqlServer> GetServerAsync()
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

    public static async Task<NpgsqlDataSource> CreateAsync(params string[] scripts) =>
        await (await GetServerAsync()).CreateDatabaseAsync(scripts);

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        SqliteConnection.ClearAllPools();
        if (_server is not null)
            await _server.DisposeAsync();
    }
}
