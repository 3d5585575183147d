using System.Data.Common;
using System.Globalization;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests.Operational;

/// <summary>Complete expositions of operational metrics equal those that are computed from the same rows.</summary>
public class OperationalExpositionTests
{
    private static readonly double[] DefaultBuckets = [.. new OperationalMetricsOptions().Buckets];

    private static readonly double[] OtherBuckets = [0.000001, 0.3, 1.1, 999.999999, 86_400.5];

    private static readonly TimeSpan[] Windows = [TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(7)];

    [Test, Combinatorial]
    public async Task PostgreSql_equals_the_reference_in_each_time_zone(
        [Values(1, 77, 4711)] int seed, [Values("UTC", "America/New_York", "Asia/Kathmandu")] string zone)
    {
        var rows = BuildRows(seed);
        await using var database = await Databases.CreateAsync(Databases.Schema, OperationalRows.BuildPostgreSql(rows));
        await using var session = database.CreateDataSource($"Timezone={zone}");

        foreach (var window in Windows)
            await AssertEqualAsync(session, OperationalClock.PostgreSql, rows, window, DefaultBuckets);
        await AssertEqualAsync(session, OperationalClock.PostgreSql, rows, Windows[0], OtherBuckets);
    }

    [TestCase(1)]
    [TestCase(77)]
    [TestCase(4711)]
    public async Task Sqlite_equals_the_reference_with_integer_times(int seed)
    {
        // The latest time of PostgreSQL exceeds a 64-bit integer. No integer stands for infinity, so NULL replaces it.
        var rows = BuildRows(seed)
            .Where(row => row.Started != StoredTime.Latest && row.Changed != StoredTime.Latest).ToArray();

        await AssertSqliteAsync(
            rows, time => time.Microseconds is { } number ? number.ToString(CultureInfo.InvariantCulture) : "NULL");
    }

    [TestCase(1)]
    [TestCase(77)]
    public async Task Sqlite_equals_the_reference_with_ISO_8601_times(int seed)
    {
        StoredTime[] unreadable = [StoredTime.Earliest, StoredTime.Latest];
        var rows = BuildRows(seed).Select(row => row with
        {
            Started = unreadable.Contains(row.Started) ? row.Started with { Microseconds = null } : row.Started,
            Changed = unreadable.Contains(row.Changed) ? row.Changed with { Microseconds = null } : row.Changed,
        }).ToArray();

        await AssertSqliteAsync(rows, time => OperationalRows.Quote(time.Text.Replace("+00", "", StringComparison.Ordinal)));
    }

    [Test]
    public async Task Empty_tables_give_headers_only()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await AssertEqualAsync(database, OperationalClock.PostgreSql, [], Windows[0], DefaultBuckets);

        await AssertSqliteAsync([], _ => "NULL");
    }

    [Test]
    public async Task Missing_tables_give_headers_only()
    {
        await using var database = await Databases.CreateAsync();
        await AssertEqualAsync(database, OperationalClock.PostgreSql, [], Windows[0], DefaultBuckets);

        await using var sqlite = new TemporarySqlite();
        await AssertEqualAsync(sqlite.DataSource, OperationalClock.Sqlite, [], Windows[0], DefaultBuckets);
    }

    private static StoredProcess[] BuildRows(int seed) =>
    [
        .. OperationalRows.GenerateRandom(seed),
        .. Windows.SelectMany(window => OperationalRows.BuildEdges(window, DefaultBuckets)),
        .. OperationalRows.BuildEdges(Windows[0], OtherBuckets),
    ];

    private static async Task AssertSqliteAsync(StoredProcess[] rows, Func<StoredTime, string> time)
    {
        await using var database = new TemporarySqlite();
        await database.ExecuteAsync(TemporarySqlite.Schema + OperationalRows.BuildSqlite(rows, time));
        foreach (var window in Windows)
            await AssertEqualAsync(database.DataSource, OperationalClock.Sqlite, rows, window, DefaultBuckets);
        await AssertEqualAsync(database.DataSource, OperationalClock.Sqlite, rows, Windows[0], OtherBuckets);
    }

    private static async Task AssertEqualAsync(
        DbDataSource database, SqlDialect dialect, StoredProcess[] rows, TimeSpan window, double[] buckets)
    {
        await using var services = new ServiceCollection()
            .AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None)
            .AddRelationalRepositories(database, options => options.Dialect = dialect)
            .AddOperationalMetrics(options => (options.Window, options.Buckets) = (window, buckets))
            .Services.BuildServiceProvider(validateScopes: true);
        var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();

        foreach (var format in new[] { ExpositionFormat.PrometheusText, ExpositionFormat.OpenMetrics })
        {
            var actual = Encoding.UTF8.GetString(await Exposition.WriteAsync(registry, format));
            var expected = OperationalReference.Compute(rows, window, buckets, format == ExpositionFormat.OpenMetrics);

            Assert.That(actual, Is.EqualTo(expected), $"{format}, window {window}");
        }
    }
}
