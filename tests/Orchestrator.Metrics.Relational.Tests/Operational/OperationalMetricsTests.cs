using System.Data.Common;
using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.Operational;

/// <summary>Operational metrics: the end of the window, dropped labels, several databases and errors.</summary>
public class OperationalMetricsTests
{
    private const string OldestStart = "wfo_process_oldest_start_timestamp_seconds";
    private const string OldestChange = "wfo_process_oldest_change_timestamp_seconds";
    private const string Recent = "wfo_process_recent_duration_seconds";

    private static readonly StoredProcess[] Rows = OperationalRows.GenerateRandom(7, 400);

    private static IEnumerable<string[]> GetDroppedLabels() =>
    [
        ["is_task"], ["last_status"], ["workflow_name"], ["workflow_target"], ["workflow_name", "workflow_target"],
        ["is_task", "last_status", "workflow_name", "workflow_target"],
    ];

    [Test]
    public async Task Window_ends_at_the_clock_of_PostgreSql()
    {
        await using var database = await Databases.CreateAsync(
            Databases.Schema, OperationalRows.BuildPostgreSql(CreateRecentAndOthers()));

        Assert.That(await CountRecentAsync(database), Is.EqualTo(1));
    }

    [Test]
    public async Task Window_ends_at_the_clock_of_Sqlite()
    {
        await using var database = new TemporarySqlite();
        await database.ExecuteAsync(TemporarySqlite.Schema + OperationalRows.BuildSqlite(
            CreateRecentAndOthers(),
            time => OperationalRows.Quote(time.Text.Replace("+00", "", StringComparison.Ordinal))));

        Assert.That(await CountRecentAsync(database.DataSource), Is.EqualTo(1));
    }

    [TestCaseSource(nameof(GetDroppedLabels))]
    public async Task PostgreSql_drops_labels_as_the_library_does(string[] dropped)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, OperationalRows.BuildPostgreSql(Rows));

        await AssertSameAsync(database, OperationalClock.PostgreSql, dropped);
    }

    [TestCaseSource(nameof(GetDroppedLabels))]
    public async Task Sqlite_drops_labels_as_the_library_does(string[] dropped)
    {
        await using var database = new TemporarySqlite();
        await database.ExecuteAsync(
            TemporarySqlite.Schema +
            OperationalRows.BuildSqlite(Rows, time => FormattableString.Invariant($"{time.Microseconds}")));

        await AssertSameAsync(database.DataSource, OperationalClock.Sqlite, dropped);
    }

    [Test]
    public async Task Dropping_all_labels_of_empty_tables_leaves_families_without_samples()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);

        Assert.That(
            await CollectValuesAsync(database, OperationalClock.PostgreSql, GetDroppedLabels().Last()), Is.Empty);
    }

    [Test]
    public async Task Default_families_do_not_change_and_operational_families_follow()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small);
        await using var without = await ScrapeHost.StartAsync(database);
        await using var with = await ScrapeHost.StartAsync(
            database, options => options.SharedSnapshot = true, add: metrics => metrics.AddOperationalMetrics());

        var defaults = (await without.ScrapeAsync()).Body;
        var all = (await with.ScrapeAsync()).Body;

        Exposition.AssertSame(
            System.Text.Encoding.UTF8.GetBytes(defaults),
            await File.ReadAllBytesAsync(Databases.GetReferencePath("small-running.txt")));
        Exposition.AssertSame(
            System.Text.Encoding.UTF8.GetBytes(all[..all.IndexOf("# HELP wfo_processes ", StringComparison.Ordinal)]),
            System.Text.Encoding.UTF8.GetBytes(defaults));
        Assert.That(
            all.Split('\n').Where(line => line.StartsWith("wfo_processes{", StringComparison.Ordinal)
                && line.Contains("\"running\"", StringComparison.Ordinal))
                .Sum(line => double.Parse(
                    line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture)),
            Is.EqualTo(3), "the wfo_active_process_count of small-running.txt");
    }

    [Test]
    public async Task Named_databases_have_their_own_series_in_the_same_families()
    {
        await using var first = await Databases.CreateAsync(
            Databases.Schema, OperationalRows.BuildPostgreSql([CreateEnded(DateTime.UtcNow)]));
        await using var second = new TemporarySqlite();
        await second.ExecuteAsync(
            TemporarySqlite.Schema + OperationalRows.BuildSqlite([CreateEnded(DateTime.UtcNow)], _ => "0"));
        await using var services = new ServiceCollection()
            .AddKeyedSingleton("second", second.DataSource)
            .AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None)
            .AddOperationalMetrics()
            .AddOperationalMetrics(
                configureCollector: options =>
                    options.AddLabels = new Dictionary<string, string> { ["database"] = "second" },
                key: "second")
            .AddRelationalRepositories(first)
            .AddRelationalRepositories("second")
            .Services.BuildServiceProvider(validateScopes: true);

        var snapshot = await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        Assert.That(snapshot.Families, Has.Count.EqualTo(4));
        Assert.That(
            snapshot.Families[0].Samples.Select(
                sample => sample.Labels.TryGetValue("database", out var name) ? name : ""),
            Is.EquivalentTo(new[] { "", "second" }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Error_for_a_dialect_without_an_operational_query_names_the_query(bool hasGroups)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        var dialect = new SqlDialect(SqlDialect.PostgreSql)
        {
            Name = "Acme",
            ProcessGroupsQuery = hasGroups ? SqlDialect.PostgreSql.ProcessGroupsQuery : null,
            EndedProcessesQuery = null,
        };

        Assert.That(
            async () => await CollectValuesAsync(database, dialect),
            Throws.InstanceOf<MetricsCollectionException>().With.InnerException.Message.EqualTo(
                $"The SQL dialect 'Acme' has no {(hasGroups ? "EndedProcessesQuery" : "ProcessGroupsQuery")}, which " +
                "operational metrics need. Set it, or remove AddOperationalMetrics."));
    }

    [TestCase(10)]
    [TestCase(-1)]
    public async Task Bucket_that_does_not_exist_is_an_error(int bucket)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        var dialect = new SqlDialect(SqlDialect.PostgreSql)
        {
            EndedProcessesQuery = (_, _, _) =>
                $"SELECT 'failed' AS last_status, true AS is_task, '' AS workflow_name, '' AS workflow_target, " +
                $"{bucket} AS bucket, 1 AS count, '1.5' AS total_seconds",
        };

        Assert.That(
            async () => await CollectValuesAsync(database, dialect),
            Throws.InstanceOf<MetricsCollectionException>().With.InnerException.Message.EqualTo(
                $"Column 'bucket' is {bucket}. Return the number of upper bounds that the durations exceed, 0 to 9."));
    }

    [Test]
    public async Task More_rows_than_the_sample_limit_are_an_error()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, OperationalRows.BuildPostgreSql(Rows));
        await using var host = await ScrapeHost.StartAsync(
            database, options: options =>
                (options.MaxSamplesPerCollector, options.DefaultCollectors) = (3, DefaultCollectors.None),
            add: metrics => metrics.AddOperationalMetrics());

        Assert.That((await host.ScrapeAsync()).Status, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That(
            host.Log.Entries.Select(entry => entry.Exception?.Message ?? entry.Message),
            Has.Some.Contains("The query returned more than 3 rows"));
    }

    private static StoredProcess[] CreateRecentAndOthers() =>
    [
        CreateEnded(DateTime.UtcNow.AddMinutes(-1)), CreateEnded(DateTime.UtcNow.AddHours(-2)),
        CreateEnded(DateTime.UtcNow.AddHours(2)),
    ];

    private static StoredProcess CreateEnded(DateTime time) =>
        new(new("w", "CREATE"), "completed", false, StoredTime.Create(time), StoredTime.Create(time));

    private static async Task<double> CountRecentAsync(DbDataSource database) =>
        (await CollectValuesAsync(database, null))
            .Single(sample => sample.Key.StartsWith(Recent + "_gcount", StringComparison.Ordinal)).Value;

    private static async Task AssertSameAsync(DbDataSource database, SqlDialect dialect, string[] dropped)
    {
        var ignoring = new SqlDialect(dialect)
        {
            ProcessGroupsQuery = _ => dialect.ProcessGroupsQuery!([]),
            EndedProcessesQuery = (window, bounds, _) => dialect.EndedProcessesQuery!(window, bounds, []),
        };

        var actual = await CollectValuesAsync(database, dialect, dropped);
        var expected = await CollectValuesAsync(database, ignoring, dropped);

        Assert.That(actual.Keys, Is.EquivalentTo(expected.Keys));
        Assert.That(actual.Keys.Select(key => key.Split('{')[0]).Distinct(), Is.EquivalentTo(new[]
        {
            "wfo_processes", OldestStart, OldestChange, Recent + "_bucket", Recent + "_gcount", Recent + "_gsum",
        }));
        foreach (var (series, value) in actual)
            Assert.That(value, Is.EqualTo(expected[series]).Within(Math.Abs(value) * 1e-15), series);
        Assert.That(
            actual.Where(sample => sample.Key.StartsWith("wfo_processes", StringComparison.Ordinal))
                .Sum(sample => sample.Value),
            Is.EqualTo(Rows.Length));
    }

    private static async Task<Dictionary<string, double>> CollectValuesAsync(
        DbDataSource database, SqlDialect? dialect, string[]? dropped = null)
    {
        await using var services = new ServiceCollection()
            .AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None)
            .AddRelationalRepositories(database, options => options.Dialect = dialect)
            .AddOperationalMetrics(configureCollector: options => options.DropLabels = dropped ?? [])
            .Services.BuildServiceProvider(validateScopes: true);
        var snapshot = await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();
        return snapshot.Families.SelectMany(family => family.Samples)
            .ToDictionary(
                sample => sample.Name + sample.Labels + (sample.Labels.Count == 0 ? "{}" : ""), sample => sample.Value);
    }
}
