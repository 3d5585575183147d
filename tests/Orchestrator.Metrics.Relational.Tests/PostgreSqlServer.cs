using Npgsql;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// A dedicated PostgreSQL server in a temporary folder on a free port. A server that is already running is never used.
/// </summary>
internal sealed class PostgreSqlServer : IAsyncDisposable
{
    private static readonly string[] Folders =
        Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql") : [];

    private readonly TemporaryFolder _folder = new();
    private readonly string _programs;
    private readonly int _port = FreePort.Find();
    private RunningProgram? _program;
    private int _databases;

    private PostgreSqlServer(string programs) => _programs = programs;

    public string Output => _program!.Output;

    public static async Task<PostgreSqlServer> StartAsync()
    {
        var programs = Folders.Order().Select(folder => Path.Combine(folder, "bin"))
            .LastOrDefault(folder => File.Exists(Path.Combine(folder, "initdb")));
        if (programs is null)
            Requirements.Skip("The test needs PostgreSQL (Debian package postgresql).");
        var server = new PostgreSqlServer(programs);
        await server.InitializeAsync();
        await server.StartServerAsync();
        return server;
    }

    /// <summary>
    /// Starts a read-only replica. <c>pg_hba.conf</c> must allow the user postgres to replicate from 127.0.0.1.
    /// </summary>
    public async Task<PostgreSqlServer> StartReplicaAsync()
    {
        var replica = new PostgreSqlServer(_programs);
        await replica.ChangeFolderOwnerAsync();
        await using var backup = Run(
            "pg_basebackup",
            [
                "-h", "127.0.0.1", "-p", $"{_port}", "-U", "postgres", "-D", replica.Data, "--write-recovery-conf",
                "--checkpoint=fast", "--no-sync",
            ]);
        if (await backup.WaitForExitAsync() != 0)
            throw new AssertionException($"pg_basebackup failed:\n{backup.Output}");
        await replica.StartServerAsync();
        return replica;
    }

    public string GetConnectionString(string database) =>
        $"Host=127.0.0.1;Port={_port};Username=postgres;Database={database};Include Error Detail=true";

    public async Task<NpgsqlDataSource> CreateDatabaseAsync(params string[] scripts)
    {
        var name = $"test{Interlocked.Increment(ref _databases)}";
        await using (var admin = NpgsqlDataSource.Create(GetConnectionString("postgres")))
            await ExecuteAsync(admin, $"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'");
        var database = NpgsqlDataSource.Create(GetConnectionString(name));
        foreach (var script in scripts)
            await ExecuteAsync(database, script);
        return database;
    }

    public static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    public async Task StartServerAsync()
    {
        _program = Run("postgres",
        [
            "-D", Data, "-p", $"{_port}", "-c", "listen_addresses=127.0.0.1", "-c", $"unix_socket_directories={_folder.Path}",
            "-c", "fsync=off",
        ]);
        await using var admin = NpgsqlDataSource.Create(GetConnectionString("postgres"));
        await _program.WaitForAsync(async () =>
        {
            try
            {
                await ExecuteAsync(admin, "SELECT 1");
                return "ready";
            }
            catch (NpgsqlException)
            {
                return null;
            }
        });
    }

    /// <summary>
    /// Stops the server: SIGQUIT is an immediate shutdown; SIGINT is a fast shutdown, the usual one.
    /// </summary>
    public async Task StopServerAsync(string signal = "QUIT")
    {
        var pid = (await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0];
        (await Command.RunAsync("kill", [$"-{signal}", pid])).RequireSuccess();
        await _program!.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_program is { HasExited: false })
            await StopServerAsync();
        _folder.Dispose();
    }

    private string Data => Path.Combine(_folder.Path, "data");

    private async Task InitializeAsync()
    {
        await ChangeFolderOwnerAsync();
        await using var initdb = Run(
            "initdb", ["-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-N"]);
        if (await initdb.WaitForExitAsync() != 0)
            throw new AssertionException($"initdb failed:\n{initdb.Output}");
    }

    private async Task ChangeFolderOwnerAsync()
    {
        if (Environment.UserName == "root")
            (await Command.RunAsync("chown", ["postgres", _folder.Path])).RequireSuccess();
    }

    // PostgreSQL refuses to run as root.
    private RunningProgram Run(string program, string[] arguments) => Environment.UserName == "root"
        ? RunningProgram.Start("setpriv",
            ["--reuid=postgres", "--regid=postgres", "--init-groups", Path.Combine(_programs, program), .. arguments])
        : RunningProgram.Start(Path.Combine(_programs, program), arguments);
}
