using System.Net;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

/// <summary>Scrapes of a dedicated server that stops, restarts or rejects passwords.</summary>
public class ServerFaultTests
{
    private PostgreSqlServer _server = null!;

    [OneTimeSetUp]
    public async Task StartAsync() => _server = await PostgreSqlServer.StartAsync();

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
    }

    [TestCase(FailurePolicy.FailScrape)]
    [TestCase(FailurePolicy.ReportAndContinue)]
    public async Task Server_that_stops_during_a_query_fails_scrapes_until_it_is_started_again(FailurePolicy policy)
    {
        await using var database = await _server.CreateDatabaseAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await ScrapeHost.StartAsync(scraped, options: options => options.FailurePolicy = policy);
        await using var other = database.CreateDataSource("Pooling=false");
        await using var blocker = await other.OpenConnectionAsync();
        await using (var command = blocker.CreateCommand())
        {
            command.CommandText =
                "BEGIN; LOCK TABLE products, processes, engine_settings IN ACCESS EXCLUSIVE MODE";
            await command.ExecuteNonQueryAsync().Soon();
        }

        var scrape = host.ScrapeAsync();
        await database.WaitForSessionsAsync("application_name = 'scrapes' AND wait_event_type = 'Lock'", 3);
        await _server.StopServerAsync().Soon();

        Assert.That((await scrape).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(
            (await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.InternalServerError), "server is down");
        await _server.StartServerAsync().Soon();
        await AssertWorksAsync(host);
    }

    [Test]
    public async Task Server_restarting_between_two_scrapes_is_used_by_the_next_scrape()
    {
        await using var database = await _server.CreateDatabaseAsync(Databases.Schema, Databases.Small);
        await using var host = await ScrapeHost.StartAsync(database);
        await AssertWorksAsync(host);

        await _server.StopServerAsync().Soon();
        await _server.StartServerAsync().Soon();

        await AssertWorksAsync(host);
    }

    // There are more idle connections than three collectors can discard in a few attempts each.
    [TestCase("QUIT", false)]
    [TestCase("INT", false)]
    [TestCase("INT", true)]
    public async Task Server_restart_with_many_idle_connections_is_tolerated(string signal, bool sharedSnapshot)
    {
        await using var database = await _server.CreateDatabaseAsync(Databases.Schema, Databases.Small);
        await using var host = await ScrapeHost.StartAsync(
            database, options => options.SharedSnapshot = sharedSnapshot);
        await database.OpenIdleAsync(90);

        await _server.StopServerAsync(signal).Soon();
        await _server.StartServerAsync().Soon();

        await AssertWorksAsync(host);
    }

    [Test]
    public async Task Server_that_is_down_fails_the_scrape_before_the_timeout_despite_many_idle_connections()
    {
        await using var database = await _server.CreateDatabaseAsync(Databases.Schema, Databases.Small);
        await using var host = await ScrapeHost.StartAsync(
            database, options: options => options.CollectorTimeout = TimeSpan.FromMinutes(2));
        await database.OpenIdleAsync(90);

        await _server.StopServerAsync().Soon();
        try
        {
            Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        }
        finally
        {
            await _server.StartServerAsync().Soon();
        }
    }

    [Test]
    public async Task Connections_closed_by_the_idle_timeout_of_the_server_do_not_fail_the_scrape()
    {
        await using var database = await _server.CreateDatabaseAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource(
            "Application Name=scrapes;Options=-c idle_session_timeout=500");
        await using var host = await ScrapeHost.StartAsync(scraped);
        await scraped.OpenIdleAsync(20);
        await database.WaitForSessionsAsync("application_name = 'scrapes'", 0);

        await AssertWorksAsync(host);
    }

    [Test]
    public async Task Wrong_password_is_a_failure_reported_in_the_log_only()
    {
        await using var database = await _server.CreateDatabaseAsync(
            Databases.Schema, "CREATE ROLE metrics LOGIN PASSWORD 'right8153'; GRANT pg_read_all_data TO metrics");
        var rules = await database.ReadScalarAsync<string>("SHOW hba_file");
        await File.WriteAllTextAsync(
            rules, "host all metrics 127.0.0.1/32 scram-sha-256\n" + await File.ReadAllTextAsync(rules));
        await database.ReadScalarAsync<bool>("SELECT pg_reload_conf()");
        await using var wrong = database.CreateDataSource("Username=metrics;Password=wrong8153");
        await Waiting.UntilAsync(async () =>
        {
            try
            {
                await wrong.ReadScalarAsync<int>("SELECT 1");
                return false;
            }
            catch (PostgresException)
            {
                return true;
            }
        }, refused => refused);

        await using (var host = await ScrapeHost.StartAsync(wrong))
        {
            var scrape = await host.ScrapeAsync();

            Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.InternalServerError));
            Assert.That(scrape.Body, Is.EqualTo(
                "These collectors failed: SubscriptionCollector, ProcessCollector, WorkflowEngineCollector. " +
                "See the application log for the cause.\n"));
            Assert.That(host.Log.Entries.Select(entry => $"{entry.Message} {entry.Exception}"),
                Has.None.Contain("8153").And.All.Contains("28P01"));

            await PostgreSqlServer.ExecuteAsync(database, "ALTER ROLE metrics PASSWORD 'wrong8153'");
            Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK), "after ALTER ROLE");
        }
    }

    private static async Task AssertWorksAsync(ScrapeHost host)
    {
        var scrape = await host.ScrapeAsync();
        Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.OK), string.Join('\n', host.Log.Entries));
        Assert.That(scrape.CountSamples("wfo_process_count"), Is.Positive);
    }
}
