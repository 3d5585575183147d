using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

/// <summary>With <c>SharedSnapshot</c>, all queries of a scrape read the same state of the database.</summary>
public class SharedSnapshotTests
{
    private const string Ours = "application_name = 'scrapes'";
    private const string Holding = Ours + " AND state = 'idle in transaction'";

    [TestCase(true, "RUNNING")]
    [TestCase(false, "PAUSED")]
    public async Task Change_during_a_scrape_is_visible_to_the_last_collector_only_without_SharedSnapshot(
        bool shared, string state)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await ScrapeHost.StartAsync(scraped, options =>
        {
            options.SharedSnapshot = shared;
            options.RunningProcesses = async (_, cancellationToken) =>
            {
                await gate.Task.WaitAsync(cancellationToken);
                return 0;
            };
        });

        // Wait until the subscription and process collectors have returned their connections to the pool.
        var scrape = host.ScrapeAsync();
        await database.WaitForSessionsAsync($"{Ours} AND state = 'idle' AND query <> ''", 2);
        await database.WaitForSessionsAsync(Holding, shared ? 1 : 0);
        await PostgreSqlServer.ExecuteAsync(database, "UPDATE engine_settings SET global_lock = true");
        gate.SetResult();

        Assert.That((await scrape).Body, Does.Contain($"wfo_engine_status{{wfo_engine_status=\"{state}\"}} 1.0\n"));
        Assert.That(
            (await host.ScrapeAsync()).Body, Does.Contain("wfo_engine_status{wfo_engine_status=\"PAUSED\"} 1.0\n"),
            "the next scrape has a new snapshot");
        await AssertNothingOpenAsync(database);
    }

    [Test]
    public async Task SharedSnapshot_gives_the_same_exposition_and_leaves_nothing_open()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await ScrapeHost.StartAsync(scraped, options => options.SharedSnapshot = true);

        for (var i = 0; i < 3; i++)
        {
            Exposition.AssertSame(
                System.Text.Encoding.UTF8.GetBytes((await host.ScrapeAsync()).Body),
                await File.ReadAllBytesAsync(Databases.GetReferencePath("small-running.txt")));
            await AssertNothingOpenAsync(database);
        }
    }

    [TestCase("DROP TABLE processes CASCADE", HttpStatusCode.OK)]
    [TestCase(
        "DROP TABLE products, workflows, subscriptions, processes, processes_subscriptions, engine_settings",
        HttpStatusCode.OK)]
    [TestCase("DELETE FROM engine_settings", HttpStatusCode.InternalServerError)]
    public async Task SharedSnapshot_does_not_change_the_status_for_missing_tables_and_failures(
        string script, HttpStatusCode status)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small, script);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await ScrapeHost.StartAsync(scraped, options => options.SharedSnapshot = true);

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(status));
        await AssertNothingOpenAsync(database);
    }

    [Test]
    public async Task Scrapes_that_time_out_or_are_cancelled_leave_nothing_open()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var host = await ScrapeHost.StartAsync(
            scraped, options => options.SharedSnapshot = true,
            options => options.CollectorTimeout = TimeSpan.FromSeconds(2));
        await using (await database.LockAsync("processes"))
        {
            Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            await AssertNothingOpenAsync(database);

            using var disconnect = new CancellationTokenSource();
            var scrape = host.ScrapeAsync(cancellationToken: disconnect.Token);
            await database.WaitForSessionsAsync($"{Ours} AND wait_event_type = 'Lock'", 2);
            await disconnect.CancelAsync();
            Assert.That(async () => await scrape, Throws.InstanceOf<OperationCanceledException>());
            await AssertNothingOpenAsync(database);
        }

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Cut_connection_of_the_snapshot_holder_fails_only_the_current_scrape()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await ScrapeHost.StartAsync(scraped, options =>
        {
            options.SharedSnapshot = true;
            options.RunningProcesses = async (_, cancellationToken) =>
            {
                await gate.Task.WaitAsync(cancellationToken);
                return 0;
            };
        });

        var scrape = host.ScrapeAsync();
        await database.WaitForSessionsAsync($"{Ours} AND state = 'idle' AND query <> ''", 2);
        await database.ReadScalarAsync<bool>(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND {Holding}");
        await database.WaitForSessionsAsync(Holding, 0);
        gate.SetResult();

        var cut = await scrape;
        Assert.That(cut.Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(cut.Body, Does.Contain("WorkflowEngineCollector").And.Not.Contain("snapshot"));
        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Custom_collector_that_ignores_its_token_leaves_nothing_open_and_delays_no_later_scrape(
        bool disconnects)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes;Maximum Pool Size=2");
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource<IReadOnlyList<MetricFamily>>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        var stuck = new FakeCollector(_ =>
        {
            entered.TrySetResult();
            return gate.Task;
        });
        await using var host = await ScrapeHost.StartAsync(
            scraped, options => options.SharedSnapshot = true, another: stuck);
        using var disconnect = new CancellationTokenSource();

        var scrape = host.ScrapeAsync(disconnects ? null : 1, cancellationToken: disconnect.Token);
        await entered.Task.Soon();
        await database.WaitForSessionsAsync(Holding, 1);
        if (disconnects)
            await disconnect.CancelAsync();
        await scrape.ContinueWith(ended => ended.Exception, TaskScheduler.Default).Soon();

        await AssertNothingOpenAsync(database);
        var later = await host.ScrapeAsync(query: "?name[]=wfo_process_count");
        Assert.That(later.CountSamples("wfo_process_count"), Is.Positive);
        await AssertNothingOpenAsync(database);
        gate.SetResult([]);
    }

    // Each scrape holds one connection, and the scrapes take turns with one more.
    [Test]
    public async Task Overlapping_scrapes_need_one_connection_each_and_one_more()
    {
        string[] families = ["wfo_subscriptions_count", "wfo_process_count", "wfo_engine_status"];
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource(
            $"Application Name=scrapes;Maximum Pool Size={families.Length + 1}");
        await using var host = await ScrapeHost.StartAsync(scraped, options => options.SharedSnapshot = true);
        Task<Scrape>[] scrapes;
        await using (await database.LockAsync("products", "processes", "engine_settings"))
        {
            scrapes = [.. families.Select(family => host.ScrapeAsync(query: $"?name[]={family}"))];
            await database.WaitForSessionsAsync(Holding, families.Length);
            await database.WaitForSessionsAsync($"{Ours} AND wait_event_type = 'Lock'", 1);
            Assert.That(scrapes.Select(scrape => scrape.IsCompleted), Has.None.True);
        }

        foreach (var scrape in await Task.WhenAll(scrapes))
            Assert.That(scrape.Status, Is.EqualTo(HttpStatusCode.OK), scrape.Body);
        await AssertNothingOpenAsync(database);
    }

    [Test]
    public async Task Background_refreshes_need_one_connection_each()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes;Maximum Pool Size=3");
        var tables = await database.LockAsync("products", "processes", "engine_settings");
        await using var host = await ScrapeHost.StartAsync(
            scraped, options => options.SharedSnapshot = true,
            add: metrics => metrics.ConfigureDefaultCollectors(
                DefaultCollectors.All, options => options.RefreshEvery = TimeSpan.FromHours(1)));

        await database.WaitForSessionsAsync($"{Ours} AND wait_event_type = 'Lock'", 3);
        await tables.DisposeAsync();

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(host.Log.Entries, Is.Empty);
        await AssertNothingOpenAsync(database);
    }

    [TestCase(1, HttpStatusCode.ServiceUnavailable)]
    [TestCase(2, HttpStatusCode.OK)]
    [TestCase(4, HttpStatusCode.OK)]
    public async Task SharedSnapshot_needs_a_pool_of_two_and_never_hangs(int poolSize, HttpStatusCode status)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource($"Application Name=scrapes;Maximum Pool Size={poolSize}");
        await using var host = await ScrapeHost.StartAsync(scraped, options => options.SharedSnapshot = true);

        Assert.That((await host.ScrapeAsync(poolSize == 1 ? 1 : 20)).Status, Is.EqualTo(status));
        await AssertNothingOpenAsync(database);
    }

    [Test]
    public async Task Reads_outside_a_run_share_no_snapshot()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var scraped = database.CreateDataSource("Application Name=scrapes");
        await using var services = new ServiceCollection().AddOrchestratorMetrics()
            .AddRelationalRepositories(scraped, options => options.SharedSnapshot = true)
            .Services.BuildServiceProvider(validateScopes: true);
        await using var scope = services.CreateAsyncScope();
        var engine = scope.ServiceProvider.GetRequiredService<IWorkflowEngineRepository>();

        Assert.That((await engine.GetEngineStateAsync(default)).GlobalLock, Is.False);
        await AssertNothingOpenAsync(database);
        await PostgreSqlServer.ExecuteAsync(database, "UPDATE engine_settings SET global_lock = true");

        Assert.That((await engine.GetEngineStateAsync(default)).GlobalLock, Is.True);
    }

    [TestCase("")]
    [TestCase(";")]
    [TestCase(" ;\n")]
    public async Task Import_of_a_custom_dialect_may_end_with_a_semicolon(string end)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var host = await ScrapeHost.StartAsync(database, options =>
        {
            options.SharedSnapshot = true;
            options.Dialect = new SqlDialect(SqlDialect.PostgreSql)
            {
                ImportSnapshot = name => $"SET TRANSACTION SNAPSHOT '{name}'{end}",
            };
        });

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task SharedSnapshot_on_SQLite_is_an_error()
    {
        await using var sqlite = new TemporarySqlite();
        await sqlite.ExecuteAsync(TemporarySqlite.Schema);
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource, options => options.SharedSnapshot = true);

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(
            host.Log.Entries.Select(entry => entry.Exception!.Message).Distinct().Single(),
            Is.EqualTo(
                "RelationalOptions.SharedSnapshot is true, but SQLite cannot share a snapshot between transactions. " +
                "Set it to false."));
    }

    private static Task AssertNothingOpenAsync(NpgsqlDataSource database) =>
        database.WaitForSessionsAsync($"{Ours} AND state <> 'idle'", 0);
}
