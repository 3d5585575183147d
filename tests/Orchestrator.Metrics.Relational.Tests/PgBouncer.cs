using System.Text.RegularExpressions;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

/// <summary>A PgBouncer process in front of a PostgreSQL server. Its configuration is in a temporary folder.</summary>
internal sealed partial class PgBouncer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort.Find();
    private RunningProgram? _program;

    /// <summary>The number of login attempts by clients since the start.</summary>
    public int Logins => LoginPattern().Count(_program!.Output);

    public static async Task<PgBouncer> StartAsync(NpgsqlDataSource database, string poolMode)
    {
        var bouncer = new PgBouncer();
        await bouncer.StartAsync(new NpgsqlConnectionStringBuilder(database.ConnectionString), poolMode);
        return bouncer;
    }

    public NpgsqlDataSource CreateDataSource(NpgsqlDataSource database) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database.ConnectionString)
        {
            Port = _port,
            NoResetOnClose = true,
        });

    public async ValueTask DisposeAsync()
    {
        if (_program is not null)
            await _program.DisposeAsync();
        _folder.Dispose();
    }

    // The Debian package installs PgBouncer outside the PATH of users.
    private static string FindProgram() => File.Exists("/usr/sbin/pgbouncer")
        ? "/usr/sbin/pgbouncer"
        : Requirements.FindProgram("pgbouncer", "pgbouncer");

    private async Task StartAsync(NpgsqlConnectionStringBuilder server, string poolMode)
    {
        var program = FindProgram();
        var configuration = Path.Combine(_folder.Path, "pgbouncer.ini");
        await File.WriteAllTextAsync(configuration, $"""
            [databases]
            * = host={server.Host} port={server.Port} user={server.Username}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {_port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {poolMode}
            query_wait_timeout = 1
            """);
        if (Environment.UserName == "root")
            (await Command.RunAsync("chown", ["-R", "postgres", _folder.Path])).RequireSuccess();

        // PgBouncer refuses to run as root.
        _program = Environment.UserName == "root"
            ? RunningProgram.Start("setpriv",
                ["--reuid=postgres", "--regid=postgres", "--init-groups", program, configuration])
            : RunningProgram.Start(program, [configuration]);
        await using var admin = NpgsqlDataSource.Create(
            $"Host=127.0.0.1;Port={_port};Username=postgres;Database={server.Database};Pooling=false");
        await _program.WaitForAsync(async () =>
        {
            try
            {
                await PostgreSqlServer.ExecuteAsync(admin, "SELECT 1");
                return "ready";
            }
            catch (NpgsqlException)
            {
                return null;
            }
        });
    }

    [GeneratedRegex("login attempt")]
    private static partial Regex LoginPattern();
}
