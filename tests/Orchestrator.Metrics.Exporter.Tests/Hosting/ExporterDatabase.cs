using System.Globalization;
using System.Text;
using Npgsql;
using Orchestrator.Metrics.Tests;
using ReferenceExposition = Orchestrator.Metrics.Tests.Exposition;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>
/// The PostgreSQL server that tests share. Users other than postgres authenticate with a password (SCRAM).
/// </summary>
[SetUpFixture]
internal sealed class ExporterDatabase
{
    /// <summary>Flags that turn off the collectors that need a database.</summary>
    public static readonly string[] NoDatabase =
    [
        "--collectors.subscriptions.enabled=false", "--collectors.processes.enabled=false",
        "--collectors.workflow-engine.enabled=false",
    ];

    private static readonly SemaphoreSlim Starting = new(1);
    private static PostgreSqlServer? _server;

    public static string Schema => ReadScript("schema.sql");

    public static string Small => ReadScript("small.sql");

    public static string GetReferencePath(string name) => TestFiles.GetGolden(Path.Combine("orchestrator-db", name));

    public static async Task<PostgreSqlServer> GetServerAsync()
    {
        await Starting.WaitAsync();
        try
        {
            return _server ??= await StartAsync();
        }
        finally
        {
            Starting.Release();
        }
    }

    public static async Task<NpgsqlDataSource> CreateAsync(params string[] scripts) =>
        await (await GetServerAsync()).CreateDatabaseAsync(scripts);

    /// <summary>Starts a dedicated server that requires a password from all users except postgres.</summary>
    public static async Task<PostgreSqlServer> StartAsync()
    {
        var server = await PostgreSqlServer.StartAsync();
        await using var admin = NpgsqlDataSource.Create(server.GetConnectionString("postgres"));
        await PostgreSqlServer.ExecuteAsync(
            admin,
            """
            DO $$ BEGIN EXECUTE format('COPY (VALUES (%L), (%L), (%L)) TO %L',
              'host all postgres 127.0.0.1/32 trust', 'host replication postgres 127.0.0.1/32 trust',
              'host all all 127.0.0.1/32 scram-sha-256',
              current_setting('hba_file')); END $$;
            SELECT pg_reload_conf();
            """);
        return server;
    }

    /// <summary>Builds the URI of a database in the format of orchestrator-core.</summary>
    public static string BuildUri(NpgsqlDataSource database, string user = "postgres", string? password = null)
    {
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var secret = password is null ? "" : $":{System.Uri.EscapeDataString(password)}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"postgresql+psycopg://{user}{secret}@127.0.0.1:{connection.Port}/{connection.Database}");
    }

    /// <summary>
    /// Asserts that the default families of an exporter equal those of orchestrator-core for <see cref="Small"/>.
    /// </summary>
    public static async Task AssertSmallAsync(string metrics) => ReferenceExposition.AssertSame(
        Encoding.UTF8.GetBytes(metrics[..metrics.IndexOf("# HELP wfo_exporter_build_info", StringComparison.Ordinal)]),
        await File.ReadAllBytesAsync(GetReferencePath("small-running.txt")));

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private static string ReadScript(string name) => File.ReadAllText(GetReferencePath(name));
}
