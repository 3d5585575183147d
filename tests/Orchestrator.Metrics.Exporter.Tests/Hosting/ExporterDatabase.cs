using System.Globalization;
using System.Text;
using Npgsql;
using Orchestrator.Metrics.Tests;
using ReferenceExposition = Orchestrator.Metrics.Tests.Exposition;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>
/// One PostgreSQL server for all tests. Users other than postgres authenticate with a password (SCRAM).
/// </summary>
[SetUpFixture]
internal sealed class ExporterDatabase
{
    private static readonly SemaphoreSlim Starting = new(1);
    private static PostgreSqlServer? _server;

    public static string Schema => Script("schema.sql");

    public static string Small => Script("small.sql");

    public static string Reference(string name) => TestFiles.GetGolden(Path.Combine("orchestrator-db", name));

    public static async Task<PostgreSqlServer> ServerAsync()
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
        await (await ServerAsync()).CreateDatabaseAsync(scripts);

    /// <summary>Starts a server that requires passwords.</summary>
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

    /// <summary>Returns the URI of a database in the format of orchestrator-core.</summary>
    public static string Uri(NpgsqlDataSource database, string user = "postgres", string? password = null)
    {
        var connection = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        var secret = password is null ? "" : $":{System.Uri.EscapeDataString(password)}";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"postgresql+psycopg://{user}{secret}@127.0.0.1:{connection.Port}/{connection.Database}");
    }

    /// <summary>Compares the metrics of an exporter with those of orchestrator-core for <see cref="Small"/>.</summary>
    public static async Task AssertSmallAsync(string metrics) => ReferenceExposition.AssertSame(
        Encoding.UTF8.GetBytes(metrics[..metrics.IndexOf("# HELP wfo_exporter_build_info", StringComparison.Ordinal)]),
        await File.ReadAllBytesAsync(Reference("small-running.txt")));

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    private static string Script(string name) => File.ReadAllText(Reference(name));
}
