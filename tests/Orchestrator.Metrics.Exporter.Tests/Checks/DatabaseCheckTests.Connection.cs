using System.Net;
using System.Net.Sockets;
using Orchestrator.Metrics.Exporter.Tests.Sources;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Checks;

/// <summary>Connections that fail: the report names the cause and the remedy.</summary>
public partial class DatabaseCheckTests
{
    private const string WrongPassword =
        "The server refuses the user name or the password. Correct them in DATABASE_URI.";

    private const string NoPassword = "The server requires a password. Add it to DATABASE_URI.";

    private const string NoTls =
        "The server does not offer TLS. Turn it on there (ssl = on), or correct sslmode in DATABASE_URI.";

    private const string UnknownHost =
        "The host name is unknown: no-such-host.invalid:5432. Correct it in DATABASE_URI, or add it to DNS.";

    private const string NoServer =
        "No server listens at 127.0.0.1:1. Check host and port in DATABASE_URI, whether PostgreSQL runs, and its setting " +
        "listen_addresses.";

    private const string NoSocket =
        "There is no socket /no/such:5432. Check host and port in DATABASE_URI, whether PostgreSQL runs, and its setting " +
        "unix_socket_directories.";

    private const string NoDatabase =
        "The server has no such database (database \"nix\" does not exist). Correct or add the database name in " +
        "DATABASE_URI; the default is the user name.";

    private const string NoName =
        "The server has no such database (database \"nwa\" does not exist). Correct or add the database name in " +
        "DATABASE_URI; the default is the user name.";

    [TestCase("nwa", "wrong8153", "/test1", WrongPassword)]
    [TestCase("nobody", "wrong8153", "/test1", WrongPassword)]
    [TestCase("nwa", null, "/test1", NoPassword)]
    [TestCase("nwa", Password, "/nix", NoDatabase)]
    [TestCase("nwa", Password, "", NoName)]
    [TestCase("nwa", Password, "/test1?sslmode=require", NoTls)]
    [TestCase("nwa", Password, "/test1?host=no-such-host.invalid&port=5432", UnknownHost)]
    [TestCase("nwa", Password, "/test1?host=127.0.0.1&port=1", NoServer)]
    [TestCase("nwa", Password, "/test1?host=/no/such&port=5432", NoSocket)]
    public async Task Connection_that_fails_is_explained(string user, string? password, string path, string failure)
    {
        var check = await CheckRun.RunAsync(BuildUri(user, password).Replace("/test1", path, StringComparison.Ordinal));

        Assert.That(check.Status, Is.EqualTo(1));
        Assert.That(check.Failures, Is.EqualTo(new[]
        {
            "database: " + failure,
            "collector SubscriptionCollector: Same as for database, see above.",
            "collector ProcessCollector: Same as for database, see above.",
            "collector WorkflowEngineCollector: Same as for database, see above.",
        }));
        Assert.That(check.Report, Does.EndWith("\n4 of 6 checks failed.\n").And.Not.Contain("S3cret").And.Not.Contain("8153"));
    }

    [Test]
    public async Task All_servers_are_named_if_none_of_them_listens()
    {
        var check = await CheckRun.RunAsync(
            BuildUri().Replace("/test1", "/test1?host=127.0.0.1,::1&port=1,2", StringComparison.Ordinal));

        Assert.That(check.Failures[0], Does.StartWith("database: No server listens at 127.0.0.1:1, [::1]:2. Check host"));
    }

    [Test]
    public async Task Server_that_does_not_respond_is_explained()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();

        var check = await CheckRun.RunAsync(
            $"postgresql://u:p@127.0.0.1:{((IPEndPoint)silent.LocalEndpoint).Port}/db?connect_timeout=1",
            ["--scrape.build-info=false"]);

        Assert.That(check.Failures, Has.Length.EqualTo(4));
        Assert.That(check.Failures[0], Is.EqualTo(
            $"database: The connection to {silent.LocalEndpoint} timed out. Check host and port in DATABASE_URI, and " +
            "firewalls."));
    }

    [Test]
    public async Task Failed_login_is_not_repeated_by_the_collectors()
    {
        using var closing = new TcpListener(IPAddress.Loopback, 0);
        closing.Start();
        var logins = 0;
        var closed = CloseAllAsync();

        var check = await CheckRun.RunAsync(
            $"postgresql://u:p@{closing.LocalEndpoint}/db?sslmode=disable&gssencmode=disable",
            ["--operational.enabled", "--scrape.build-info=false"]);
        closing.Stop();
        await closed;

        Assert.That(check.Failures, Has.Length.EqualTo(5));
        Assert.That(check.Failures[0], Does.Match("^database: 127\\.0\\.0\\.1:[0-9]+ closed the connection\\. "));
        Assert.That(check.Failures[1..], Has.All.EndsWith(": Same as for database, see above."));
        Assert.That(logins, Is.EqualTo(1));

        async Task CloseAllAsync()
        {
            try
            {
                for (; ; logins++)
                    (await closing.AcceptTcpClientAsync()).Dispose();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The listener is stopped.
            }
        }
    }

    [TestCase("")]
    [TestCase("?sslmode=require")]
    public async Task Server_with_another_protocol_is_explained(string parameters)
    {
        await using var web = await SourceServer.StartAsync("a 1\n");
        var server = new Uri(web.Url).Authority;

        var check = await CheckRun.RunAsync($"postgresql://u:p@{server}/db{parameters}");

        Assert.That(check.Failures[0], Is.EqualTo(
            $"database: {server} is not a PostgreSQL server. Correct host and port in DATABASE_URI."));
    }

    [Test]
    public async Task User_without_permission_to_connect_is_explained()
    {
        await PostgreSqlServer.ExecuteAsync(_database, "REVOKE CONNECT ON DATABASE test1 FROM PUBLIC");
        var check = await CheckRun.RunAsync(BuildUri());
        await PostgreSqlServer.ExecuteAsync(_database, "GRANT CONNECT ON DATABASE test1 TO PUBLIC");

        Assert.That(check.Failures[0], Is.EqualTo(
            "database: The user lacks permission to connect (permission denied for database \"test1\"). As the " +
            "owner of the database, grant CONNECT on it to the user of DATABASE_URI."));
    }
}
