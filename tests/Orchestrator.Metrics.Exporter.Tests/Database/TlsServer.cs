using Npgsql;
using Orchestrator.Metrics.Exporter.Tests.Hosting;
using Orchestrator.Metrics.Exporter.Tests.Web;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Database;

/// <summary>
/// A PostgreSQL server with a certificate for localhost, and the user nwa, who authenticates with SCRAM and may read
/// all tables.
/// </summary>
internal sealed class TlsServer : IAsyncDisposable
{
    public const string Password = "p@ss/w:rd% +ä'\"";

    private readonly TemporaryFolder _folder = new();

    private TlsServer(PostgreSqlServer server) => Server = server;

    public PostgreSqlServer Server { get; }

    public int Port => new NpgsqlConnectionStringBuilder(Server.GetConnectionString("postgres")).Port;

    /// <summary>The path of the certificate of the authority that issued the server certificate.</summary>
    public string Root => Path.Combine(_folder.Path, "ca.crt");

    /// <summary>The path of the certificate of another authority.</summary>
    public string OtherRoot => Path.Combine(_folder.Path, "other.crt");

    public static async Task<TlsServer> StartAsync()
    {
        var server = new TlsServer(await ExporterDatabase.StartAsync());
        await using var admin = NpgsqlDataSource.Create(server.Server.GetConnectionString("postgres"));
        await using var command = admin.CreateCommand("SHOW data_directory");
        await server.CreateCertificatesAsync((string)(await command.ExecuteScalarAsync())!);
        await PostgreSqlServer.ExecuteAsync(
            admin,
            $"""
            CREATE ROLE nwa LOGIN PASSWORD '{Password.Replace("'", "''", StringComparison.Ordinal)}';
            GRANT pg_read_all_data TO nwa;
            """);
        foreach (var setting in new[] { "ssl_cert_file = 'server.crt'", "ssl_key_file = 'server.key'", "ssl = on" })
            await PostgreSqlServer.ExecuteAsync(admin, $"ALTER SYSTEM SET {setting}");
        await PostgreSqlServer.ExecuteAsync(admin, "SELECT pg_reload_conf()");
        await using var encrypted = NpgsqlDataSource.Create(
            server.Server.GetConnectionString("postgres") + ";SSL Mode=Require;Pooling=false");
        await Waiting.UntilAsync<bool>(
            async () =>
            {
                try
                {
                    await PostgreSqlServer.ExecuteAsync(encrypted, "SELECT 1");
                    return true;
                }
                catch (NpgsqlException)
                {
                    return false;
                }
            },
            isOpen => isOpen);
        return server;
    }

    /// <summary>Writes a passfile for nwa, and returns its path.</summary>
    public async Task<string> WritePassfileAsync(string database)
    {
        var escaped = Password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
        var file = _folder.Write("pgpass", $"localhost:{Port}:{database}:nwa:{escaped}\n");
        await ProtectAsync(file);
        return file;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task CreateCertificatesAsync(string folder)
    {
        using var authority = TestCertificate.CreateRoot();
        using var other = TestCertificate.CreateRoot("other");
        using var server = authority.IssueServer(names: names => names.AddDnsName("localhost"));
        authority.Write(_folder.Path, "ca");
        other.Write(_folder.Path, "other");
        server.Write(folder);
        var keyFile = Path.Combine(folder, "server.key");
        await ProtectAsync(keyFile);
        if (Environment.UserName == "root")
            (await Command.RunAsync("chown", ["postgres", keyFile])).RequireSuccess();
    }

    private static async Task ProtectAsync(string file) =>
        (await Command.RunAsync("chmod", ["600", file])).RequireSuccess();
}
