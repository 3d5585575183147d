using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

public class InfiniteTimeTests
{
    private const string Data = """
        INSERT INTO products (product_id, name, description, product_type, tag, status)
            VALUES ('00000000-0000-0000-0000-000000000001', 'P', '', '', '', 'active');
        INSERT INTO workflows (workflow_id, name, target, description)
            VALUES ('00000000-0000-0000-0000-000000000001', 'W', 'MODIFY', '');
        INSERT INTO subscriptions (subscription_id, description, status, product_id, customer_id, insync)
            VALUES ('00000000-0000-0000-0000-000000000001', '', 'active', '00000000-0000-0000-0000-000000000001', 'C', true);
        """;

    private const string LinkAll =
        "INSERT INTO processes_subscriptions (pid, subscription_id) " +
        "SELECT pid, '00000000-0000-0000-0000-000000000001' FROM processes;";

    // All pairs of times with at least one infinite time.
    private static readonly (string Start, string End)[] Infinite =
    [
        ("2024-01-01", "infinity"), ("2024-01-01", "-infinity"), ("infinity", "2024-01-01"),
        ("-infinity", "2024-01-01"),
        ("infinity", "infinity"), ("-infinity", "-infinity"), ("infinity", "-infinity"), ("-infinity", "infinity"),
    ];

    [Test]
    public async Task Process_with_an_infinite_time_is_counted_without_its_run_time_and_logged_once()
    {
        foreach (var (start, end) in Infinite)
        {
            await using var database = await CreateDatabaseAsync(
                BuildInsert("me", "2024-01-01", "2024-01-01 00:00:01.5"), BuildInsert("me", start, end));
            await using var host = await ScrapeHost.StartAsync(database);

            var scrape = await host.ScrapeAsync();
            await host.ScrapeAsync();

            Assert.Multiple(() =>
            {
                Assert.That(ReadValues(scrape, "wfo_process_count"), Is.EqualTo(new[] { 2.0 }), $"{start} to {end}");
                Assert.That(
                    ReadValues(scrape, "wfo_process_seconds_total_count"), Is.EqualTo(new[] { 1.5 }),
                    $"{start} to {end}");
                Assert.That(host.Log.Entries.Select(entry => entry.Message), Is.EqualTo(new[] { FormatWarning(1) }));
            });
        }
    }

    [Test]
    public async Task Logger_that_throws_does_not_fail_the_collector()
    {
        await using var database = await CreateDatabaseAsync(BuildInsert("me", "2024-01-01", "infinity"));
        using var logger = new ListLogger { FailingEvent = 30 };
        await using var host = await ScrapeHost.StartAsync(
            database, add: metrics => metrics.Services.AddSingleton<ILoggerProvider>(logger));

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(logger.Entries.Select(entry => entry.Message), Is.EqualTo(new[] { FormatWarning(1) }));
    }

    [Test]
    public async Task Group_with_only_infinite_times_has_zero_seconds()
    {
        await using var database = await CreateDatabaseAsync(
            [.. Infinite.Select(times => BuildInsert("me", times.Start, times.End))]);
        await using var host = await ScrapeHost.StartAsync(database);

        var scrape = await host.ScrapeAsync();

        Assert.That(ReadValues(scrape, "wfo_process_count"), Is.EqualTo(new[] { 8.0 }));
        Assert.That(scrape.Body, Does.Match("wfo_process_seconds_total_count{.*} 0\\.0\n"));
        Assert.That(host.Log.Warnings, Is.EqualTo(new[] { FormatWarning(8) }));
    }

    [Test]
    public async Task Warning_is_logged_again_after_a_scrape_without_infinite_times()
    {
        await using var database = await CreateDatabaseAsync(BuildInsert("me", "2024-01-01", "infinity"));
        await using var host = await ScrapeHost.StartAsync(database);

        await host.ScrapeAsync();
        await PostgreSqlServer.ExecuteAsync(database, "UPDATE processes SET last_modified_at = started_at");
        await host.ScrapeAsync();
        await PostgreSqlServer.ExecuteAsync(database, "UPDATE processes SET started_at = '-infinity'");
        await host.ScrapeAsync();

        Assert.That(host.Log.Warnings, Is.EqualTo(new[] { FormatWarning(1), FormatWarning(1) }));
    }

    [Test]
    public async Task Run_times_of_a_null_creator_and_a_creator_named_None_are_one_sum()
    {
        await using var database = await CreateDatabaseAsync(
            BuildInsert(null, "2024-01-01", "2024-01-01 00:00:01"),
            BuildInsert("None", "2024-01-01", "2024-01-01 00:00:02.5"),
            BuildInsert("None", "2024-01-01", "infinity"), BuildInsert(null, "-infinity", "2024-01-01"),
            BuildInsert("none", "2024-01-01", "2024-01-01 00:00:04"));
        await using var host = await ScrapeHost.StartAsync(database);

        var scrape = await host.ScrapeAsync();

        Assert.That(ReadValues(scrape, "wfo_process_count"), Is.EqualTo(new[] { 4.0, 1.0 }));
        Assert.That(ReadValues(scrape, "wfo_process_seconds_total_count"), Is.EqualTo(new[] { 3.5, 4.0 }));
        Assert.That(
            Exposition.ReadLabels(scrape.Body, "wfo_process_count").Count(labels => labels.Contains("\"None\"")),
            Is.EqualTo(1));
        Assert.That(host.Log.Warnings, Is.EqualTo(new[] { FormatWarning(2) }));
    }

    // The longest run times exceed the range of timestamp differences, and 25 of them exceed that of intervals.
    [TestCase("0001-01-01Z", "294276-12-31Z", 25)]
    [TestCase("4713-01-01Z BC", "294276-12-31Z", 25)]
    [TestCase("294276-12-31Z", "4713-01-01Z BC", 1)]
    [TestCase("1970-01-01Z", "2026-01-01Z", 110_000)]
    public async Task Sums_of_run_times_beyond_the_interval_range_are_exact(string start, string end, int processes)
    {
        await using var database = await CreateDatabaseAsync(
            "INSERT INTO processes (workflow_id, last_status, created_by, started_at, last_modified_at) SELECT " +
            $"'00000000-0000-0000-0000-000000000001', 'completed', 'me', '{start}', '{end}' FROM generate_series(1, " +
            $"{processes});",
            BuildInsert("other", "2024-01-01", "2024-01-01 00:00:01.5"));
        var expected = await database.ReadScalarAsync<decimal>(
            $"SELECT (extract(epoch FROM timestamptz '{end}') - extract(epoch FROM timestamptz '{start}')) * {processes}");
        await using var host = await ScrapeHost.StartAsync(database);

        var scrape = await host.ScrapeAsync();

        Assert.That(ReadValues(scrape, "wfo_process_count").Sum(), Is.EqualTo(processes + 1));
        Assert.That(
            ReadValues(scrape, "wfo_process_seconds_total_count"), Is.EquivalentTo(new[] { (double)expected, 1.5 }));
        Assert.That(host.Log.Warnings, Is.Empty);
    }

    private static double[] ReadValues(Scrape scrape, string family) => Exposition.ReadValues(scrape.Body, family);

    private static string FormatWarning(int count) =>
        $"{count} processes have no finite run time: a start or end time is infinite, out of range or not a time. " +
        "They are counted, but the sum of run times excludes them. Correct these times in the database.";

    private static string BuildInsert(string? creator, string start, string end) =>
        "INSERT INTO processes (workflow_id, last_status, created_by, started_at, last_modified_at) VALUES " +
        $"('00000000-0000-0000-0000-000000000001', 'completed', {(creator is null ? "NULL" : $"'{creator}'")}, " +
        $"'{start}', '{end}');";

    private static Task<NpgsqlDataSource> CreateDatabaseAsync(params string[] processes) =>
        Databases.CreateAsync(Databases.Schema, Data, string.Concat(processes), LinkAll);
}
