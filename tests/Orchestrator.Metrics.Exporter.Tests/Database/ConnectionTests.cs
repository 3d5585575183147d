using System.Security.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Orchestrator.Metrics.Exporter.Database;

namespace Orchestrator.Metrics.Exporter.Tests.Database;

/// <summary>Connections by URI to a PostgreSQL server that offers TLS. The user authenticates with SCRAM.</summary>
public class ConnectionTests
{
    private TlsServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await TlsServer.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
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
    public async Task Connection_with_supported_parameters_is_opened(string host, string query) =>
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
        var file = await _server.WritePassfileAsync("postgres");

        Assert.That(await OpenAsync($"postgresql://nwa@localhost:{_server.Port}/postgres?passfile={file}"), Is.Null);
    }

    [Test]
    public async Task Error_for_a_wrong_password_does_not_contain_it()
    {
        var error = await OpenAsync($"postgresql://nwa:not-it@localhost:{_server.Port}/postgres");

        Assert.That(error, Does.Contain("28P01").And.Not.Contain("not-it"));
    }

    private Task<string?> TryOpenAsync(string host, string query) => OpenAsync(
        $"postgresql+psycopg://nwa:{Uri.EscapeDataString(TlsServer.Password)}@{host}:{_server.Port}/postgres" +
        query.Replace("{ca}", _server.Root, StringComparison.Ordinal).Replace("{other}", _server.OtherRoot, StringComparison.Ordinal));

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
}
