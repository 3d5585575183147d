using Npgsql;
using Orchestrator.Metrics.Exporter.Tests.Checks;
using Orchestrator.Metrics.Exporter.Tests.Database;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Hosting;

/// <summary>Scrapes and checks over different connections to a database of orchestrator-core.</summary>
public class NetworkTests
{
    private TlsServer _server = null!;
    private NpgsqlDataSource _database = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await TlsServer.StartAsync();
        _database = await _server.Server.CreateDatabaseAsync(ExporterDatabase.Schema, ExporterDatabase.Small);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [Test]
    public async Task Exporter_with_verified_TLS_SCRAM_and_a_passfile_recovers_from_a_lost_connection()
    {
        var uri = $"postgresql+psycopg://nwa@localhost:{_server.Port}/test1?sslmode=verify-full&channel_binding=require" +
            $"&sslrootcert={_server.Root}&passfile={await _server.WritePassfileAsync("test1")}";
        await using var exporter = await ExporterProcess.StartAsync(uri);

        await AssertReferenceAsync(exporter);
        Assert.That(
            await _database.ReadScalarAsync<bool>(
                """
                SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                WHERE usename = 'nwa' AND application_name = 'orchestrator-metrics-exporter'
                """),
            Is.True);

        await _server.Server.StopServerAsync();
        Assert.That(await exporter.ScrapeAsync(), Does.Contain("success{collector=\"SubscriptionCollector\"} 0.0"));
        await _server.Server.StartServerAsync();
        await AssertReferenceAsync(exporter);
    }

    [TestCase("{other}", "localhost")]
    [TestCase("{ca}", "127.0.0.1")]
    [TestCase("system", "localhost")]
    public async Task Certificate_that_cannot_be_verified_fails_the_check(string root, string host)
    {
        var file = root.Replace("{ca}", _server.Root, StringComparison.Ordinal)
            .Replace("{other}", _server.OtherRoot, StringComparison.Ordinal);
        var check = await CheckRun.RunAsync(
            $"postgresql://nwa:{Uri.EscapeDataString(TlsServer.Password)}@{host}:{_server.Port}/test1" +
            $"?sslmode=verify-full&sslrootcert={file}");

        Assert.That(check.Failures[0], Is.EqualTo(
            "database: The certificate of the server is not trusted, or is for another host name. Set sslrootcert to the " +
            "file of its certificate authority, and the host to a name in the certificate: DATABASE_URI."));
    }

    [TestCase("sslrootcert={folder}/nix.pem", "nix.pem'")]
    [TestCase("sslrootcert={folder}/nix/ca.pem", "ca.pem'")]
    [TestCase("sslrootcert={folder}", "'")]
    [TestCase("sslrootcert={folder}/text.pem", "")]
    [TestCase("sslrootcert={folder}/empty.pem", "")]
    [TestCase("sslcert={folder}/nix.pem&sslkey={folder}/nix.key", "nix.pem'")]
    public async Task Certificate_file_that_cannot_be_used_is_explained(string parameters, string problem)
    {
        using var folder = new TemporaryFolder();
        folder.Write("text.pem", "no certificate");
        folder.Write("empty.pem", "");

        var check = await CheckRun.RunAsync(
            $"postgresql://nwa:{Uri.EscapeDataString(TlsServer.Password)}@localhost:{_server.Port}/test1" +
            $"?sslmode=require&{parameters.Replace("{folder}", folder.Path, StringComparison.Ordinal)}");

        Assert.That(check.Failures[0], Does
            .StartWith("database: Cannot use the file in sslrootcert, sslcert or sslkey. ").And.Contain(problem)
            .And.EndWith(". Correct the file, or its path in DATABASE_URI."));
    }

    [Test]
    public async Task Encrypted_connection_is_reported_by_the_check()
    {
        var check = await CheckRun.RunAsync(
            $"postgresql://nwa:{Uri.EscapeDataString(TlsServer.Password)}@localhost:{_server.Port}/test1" +
            $"?sslmode=verify-full&sslrootcert={_server.Root}");

        Assert.That(check.Status, Is.Zero);
        Assert.That(check.Report, Does.Contain("user 'nwa', encrypted.\n"));
    }

    [Test]
    public async Task PgBouncer_in_transaction_mode_is_scraped()
    {
        await using var bouncer = await PgBouncer.StartAsync(_database, "transaction");
        await using var pooled = bouncer.CreateDataSource(_database);
        await using var exporter = await ExporterProcess.StartAsync(ExporterDatabase.BuildUri(pooled));

        await AssertReferenceAsync(exporter);
        await AssertReferenceAsync(exporter);
    }

    [Test]
    public async Task Read_only_replica_is_scraped()
    {
        await using var replica = await _server.Server.StartReplicaAsync();
        await using var database = NpgsqlDataSource.Create(replica.GetConnectionString("test1"));
        var uri = ExporterDatabase.BuildUri(database, "nwa", TlsServer.Password);
        var check = await CheckRun.RunAsync(uri);
        await using var exporter = await ExporterProcess.StartAsync(uri, ["--database.shared-snapshot"]);

        await AssertReferenceAsync(exporter);
        Assert.That(check.Status, Is.Zero);
        Assert.That(check.Report, Does.Contain(", a read-only replica.\n"));
    }

    private static async Task AssertReferenceAsync(ExporterProcess exporter) =>
        await ExporterDatabase.AssertSmallAsync(await exporter.ScrapeAsync());
}
