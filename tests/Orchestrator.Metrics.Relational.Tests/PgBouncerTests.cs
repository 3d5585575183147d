using System.Net;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

/// <summary>Scrapes through PgBouncer while its server is down, and after the server has restarted.</summary>
[TestFixture("session")]
[TestFixture("transaction")]
public class PgBouncerTests(string poolMode)
{
    private const int Collectors = 3;
    private const int MaxLoginsPerCollector = 3;

    private PostgreSqlServer _server = null!;
    private NpgsqlDataSource _database = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _server = await PostgreSqlServer.StartAsync();
        _database = await _server.CreateDatabaseAsync(Databases.Schema, Databases.Small);
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [TestCase(0)]
    [TestCase(12)]
    public async Task Server_down_behind_PgBouncer_causes_few_logins(int idleConnections)
    {
        await using var bouncer = await PgBouncer.StartAsync(_database, poolMode);
        await using var scraped = bouncer.CreateDataSource(_database);
        await using var host = await ScrapeHost.StartAsync(scraped);
        await scraped.OpenIdleAsync(idleConnections);
        await _server.StopServerAsync().Soon();
        try
        {
            // The first scrape uses the idle connections, if there are any.
            for (var scrape = 1; scrape <= 3; scrape++)
            {
                var before = bouncer.Logins;
                Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
                var logins = bouncer.Logins - before;
                TestContext.Out.WriteLine($"{poolMode}, scrape {scrape}: {logins} logins");
                Assert.That(logins, Is.AtMost(Collectors * MaxLoginsPerCollector), $"scrape {scrape}");
            }
        }
        finally
        {
            await _server.StartServerAsync().Soon();
        }
    }

    [Test]
    public async Task Server_restart_behind_PgBouncer_does_not_fail_the_scrape()
    {
        await using var bouncer = await PgBouncer.StartAsync(_database, poolMode);
        await using var scraped = bouncer.CreateDataSource(_database);
        await using var host = await ScrapeHost.StartAsync(scraped);
        await scraped.OpenIdleAsync(12);
        await _server.StopServerAsync().Soon();
        await _server.StartServerAsync().Soon();

        var scrape = await host.ScrapeAsync();

        Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.OK), string.Join('\n', host.Log.Entries));
        Assert.That(scrape.CountSamples("wfo_process_count"), Is.Positive);
    }
}
