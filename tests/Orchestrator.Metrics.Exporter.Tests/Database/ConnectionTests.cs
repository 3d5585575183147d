using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orchestrator.Metrics.Exporter.Database;
using Orchestrator.Metrics.Exporter.Tests.Hosting;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Database;

/// <summary>URIs against a PostgreSQL server with TLS, whose users authenticate with SCRAM.</summary>
public class ConnectionTests
{
    private const string Password = "p@ss/w:rd% +ä'\"";

    private readonly TemporaryFolder _folder = new();
    private PostgreSqlServer? _server;
    private int _port;

    private string Root => Path.Combine(_folder.Path, "ca.pem");

    private string OtherRoot => Path.Combine(_folder.Path, "other.pem");

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await ExporterDatabase.StartAsync();
        await using var admin = NpgsqlDataSource.Create(_server.ConnectionString("postgres"));
        _port = new NpgsqlConnectionStringBuilder(admin.ConnectionString).Port;
        await using var command = admin.CreateCommand("SHOW data_directory");
        await CreateCertificatesAsync((string)(await command.ExecuteScalarAsync())!);
        await PostgreSqlServer.ExecuteAsync(
            admin, $"CREATE ROLE nwa LOGIN PASSWORD '{Password.Replace("'", "''", StringComparison.Ordinal)}'");
        foreach (var setting in new[] { "ssl_cert_file = 'server.pem'", "ssl_key_file = 'server.key'", "ssl = on" })
            await PostgreSqlServer.ExecuteAsync(admin, $"ALTER SYSTEM SET {setting}");
        await PostgreSqlServer.ExecuteAsync(admin, "SELECT pg_reload_conf()");
        await Waiting.UntilAsync<bool>(
            async () => await TryOpenAsync("localhost", "?sslmode=require") is null, isOpen => isOpen);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _folder.Dispose();
    }

    [TestCase("localhost", "?sslmode=verify-full&sslrootcert={ca}")]
    [TestCase("localhost", "?sslmode=verify-ca&sslrootcert={ca}")]
    [TestCase("127.0.0.1", "?sslmode=verify-ca&sslrootcert={ca}")]
    [TestCase("127.0.0.1", "?sslmode=require&sslrootcert={ca}")]
    [TestCase("127.0.0.1", "?sslmode=require&channel_binding=require")]
    [TestCase("127.0.0.1", "?sslmode=disable")]
    [TestCase("127.0.0.1", "")]
    [TestCase("127.0.0.1:1,localhost", "?target_session_attrs=read-write&sslmode=verify-full&sslrootcert={ca}")]
    [TestCase("127.0.0.1", "?options=-csearch_path%3Dcore&connect_timeout=5&keepalives_idle=30")]
    [TestCase("127.0.0.1", "?keepalives_interval=5&require_auth=scram-sha-256")]
    public async Task Connection_is_opened(string host, string query) =>
        Assert.That(await TryOpenAsync(host, query), Is.Null);

    [TestCase("127.0.0.1", "?sslmode=verify-full&sslrootcert={ca}")]
    [TestCase("localhost", "?sslmode=verify-full&sslrootcert={other}")]
    [TestCase("localhost", "?sslmode=require&sslrootcert={other}")]
    [TestCase("localhost", "?sslmode=verify-full")]
    [TestCase("localhost", "?sslrootcert=system")]
    [TestCase("127.0.0.1", "?sslmode=disable&channel_binding=require")]
    public async Task Connection_is_refused_without_the_expected_security(string host, string query) =>
        Assert.That(await TryOpenAsync(host, query), Is.Not.Null);

    [Test]
    public async Task Password_may_be_in_a_passfile()
    {
        var file = Path.Combine(_folder.Path, "pgpass");
        var escaped = Password.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, $"localhost:{_port}:postgres:nwa:{escaped}\n");
        await ProtectAsync(file);

        Assert.That(await OpenAsync($"postgresql://nwa@localhost:{_port}/postgres?passfile={file}"), Is.Null);
    }

    [Test]
    public async Task Wrong_password_is_an_error_without_the_password()
    {
        var error = await OpenAsync($"postgresql://nwa:not-it@localhost:{_port}/postgres");

        Assert.That(error, Does.Contain("28P01").And.Not.Contain("not-it"));
    }

    private Task<string?> TryOpenAsync(string host, string query) => OpenAsync(
        $"postgresql+psycopg://nwa:{Uri.EscapeDataString(Password)}@{host}:{_port}/postgres" +
        query.Replace("{ca}", Root, StringComparison.Ordinal).Replace("{other}", OtherRoot, StringComparison.Ordinal));

    /// <summary>Returns the error, or null if the connection was opened.</summary>
    private static async Task<string?> OpenAsync(string uri)
    {
        await using var source = new OrchestratorDataSource(
            () => ConnectionText.Normalize(uri, isUri: true, 2, new Dictionary<string, string>()), NullLoggerFactory.Instance);
        try
        {
            await using var connection = await source.OpenConnectionAsync();
            return null;
        }
        catch (Exception exception) when (exception is NpgsqlException or AuthenticationException)
        {
            return exception.ToString();
        }
    }

    private async Task CreateCertificatesAsync(string folder)
    {
        using var authority = CreateAuthority("Test CA");
        using var other = CreateAuthority("Other CA");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var server = request.Create(authority, authority.NotBefore, authority.NotAfter, [1, 2, 3, 4]);
        await File.WriteAllTextAsync(Root, authority.ExportCertificatePem());
        await File.WriteAllTextAsync(OtherRoot, other.ExportCertificatePem());
        var keyFile = Path.Combine(folder, "server.key");
        await File.WriteAllTextAsync(Path.Combine(folder, "server.pem"), server.ExportCertificatePem());
        await File.WriteAllTextAsync(keyFile, key.ExportPkcs8PrivateKeyPem());
        await ProtectAsync(keyFile);
        if (Environment.UserName == "root")
            (await Command.RunAsync("chown", ["postgres", keyFile])).MustSucceed();
    }

    private static async Task ProtectAsync(string file) =>
        (await Command.RunAsync("chmod", ["600", file])).MustSucceed();

    private static X509Certificate2 CreateAuthority(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
    }
}
