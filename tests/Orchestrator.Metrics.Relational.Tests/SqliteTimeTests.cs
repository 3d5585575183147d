using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Run times in SQLite are exact to the microsecond for every format of their times. Sums exclude invalid times.
/// </summary>
public class SqliteTimeTests
{
    private const int Groups = 400;
    private const string SqlAlchemy = "yyyy-MM-dd HH:mm:ss.ffffff";

    private static readonly DateTime Epoch = DateTime.UnixEpoch;

    private static readonly Dictionary<string, Func<DateTime, object>> Spellings = new()
    {
        ["microseconds"] = time => ToMicroseconds(time),
        ["as SQLAlchemy writes it"] = time => time.ToString(SqlAlchemy, CultureInfo.InvariantCulture),
    };

    // Other spellings of ISO 8601: with a T, a Z or an offset, and with the shortest fraction.
    private static readonly Dictionary<string, Func<DateTime, object>> OtherSpellings = new()
    {
        ["with a T"] = time => time.ToString("yyyy-MM-ddTHH:mm:ss.ffffff", CultureInfo.InvariantCulture),
        ["with a Z"] = time => time.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture),
        ["as short as possible"] = time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        ["as short as possible with a Z"] =
            time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) + "Z",
        ["with an offset"] =
            time => time.AddHours(-5.5).ToString(SqlAlchemy, CultureInfo.InvariantCulture) + "-05:30",
        ["as short as possible with an offset"] =
            time => time.AddHours(2).ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture) + "+02:00",
    };

    private static IEnumerable<TestCaseData> GetAllSpellings() =>
        Spellings.Concat(OtherSpellings)
            .Select(spelling => new TestCaseData(spelling.Value).SetArgDisplayNames(spelling.Key));

    [TestCaseSource(nameof(GetAllSpellings))]
    public async Task Sums_equal_those_of_decimal_arithmetic(Func<DateTime, object> spelling)
    {
        var random = new Random(8153);
        await AssertSumsAsync(random, spelling, spelling);
    }

    [Test]
    public async Task Start_as_text_and_end_in_microseconds_can_be_subtracted() =>
        await AssertSumsAsync(new Random(42), Spellings["as SQLAlchemy writes it"], Spellings["microseconds"]);

    [TestCaseSource(nameof(GetAllSpellings))]
    public async Task Fractions_of_a_second_are_not_rounded(Func<DateTime, object> spelling)
    {
        // Rounding to milliseconds would change the second, the minute, or the year here.
        var start = new DateTime(2023, 12, 31, 23, 59, 59);
        int[] fractions =
        [
            0, 1, 9, 10, 99, 100, 499, 500, 501, 999, 1_000, 1_001, 5_000, 9_999, 10_000, 99_999, 100_000, 499_999, 500_000,
            900_000, 990_000, 999_000, 999_001, 999_499, 999_500, 999_501, 999_990, 999_999,
        ];
        await using var sqlite = await CreateDatabaseAsync();
        await InsertAsync(sqlite, fractions.Select(fraction =>
            ($"{fraction}", spelling(start), spelling(start.AddMicroseconds(fraction)))));

        var sums = await ReadSumsAsync(sqlite);

        Assert.Multiple(() =>
        {
            foreach (var fraction in fractions)
                Assert.That(sums[$"{fraction}"], Is.EqualTo(ToSeconds(fraction)), $"{fraction} microseconds");
        });
    }

    [TestCase("infinity")]
    [TestCase("-infinity")]
    [TestCase(null)]
    [TestCase("")]
    [TestCase("yesterday")]
    public async Task Process_without_a_valid_time_is_counted_and_excluded_from_the_sum_with_one_warning(string? time)
    {
        await using var sqlite = await CreateDatabaseAsync();
        await InsertAsync(
            sqlite,
            [("g", 0L, 1_500_000L), ("g", 0L, (object?)time ?? DBNull.Value), ("g", (object?)time ?? DBNull.Value, 0L)]);
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);

        var scrape = await host.ScrapeAsync();
        await host.ScrapeAsync();

        Assert.That(Exposition.ReadValues(scrape.Body, "wfo_process_count"), Is.EqualTo(new[] { 3.0 }));
        Assert.That(Exposition.ReadValues(scrape.Body, "wfo_process_seconds_total_count"), Is.EqualTo(new[] { 1.5 }));
        Assert.That(host.Log.Warnings.Single(), Does.StartWith("2 processes have no finite run time"));
    }

    [Test]
    public async Task Sums_beyond_the_integer_range_in_microseconds_are_exact()
    {
        const long Year293500 = 9_200_000_000_000_000_001;
        await using var sqlite = await CreateDatabaseAsync();
        await InsertAsync(sqlite, Enumerable.Repeat(("up", (object)1L, (object)Year293500), 30)
            .Concat(Enumerable.Repeat(("down", (object)Year293500, (object)1L), 30)));

        var sums = await ReadSumsAsync(sqlite);

        Assert.That(sums["up"], Is.EqualTo(ToSeconds((Year293500 - 1) * 30m)));
        Assert.That(sums["down"], Is.EqualTo(ToSeconds((1 - Year293500) * 30m)));
    }

    [Test]
    public async Task Run_time_beyond_the_integer_range_is_excluded_from_the_sum_with_a_warning()
    {
        await using var sqlite = await CreateDatabaseAsync();
        await InsertAsync(sqlite, [("g", long.MinValue, long.MaxValue), ("g", 0L, 1_500_000L)]);
        await using var host = await ScrapeHost.StartAsync(sqlite.DataSource);

        var scrape = await host.ScrapeAsync();

        Assert.That(Exposition.ReadValues(scrape.Body, "wfo_process_count"), Is.EqualTo(new[] { 2.0 }));
        Assert.That(Exposition.ReadValues(scrape.Body, "wfo_process_seconds_total_count"), Is.EqualTo(new[] { 1.5 }));
        Assert.That(host.Log.Warnings.Single(), Does.StartWith("1 processes have no finite run time"));
    }

    private static async Task AssertSumsAsync(
        Random random, Func<DateTime, object> spellStart, Func<DateTime, object> spellEnd)
    {
        var rows = new List<(string Group, object Start, object End)>();
        var expected = new Dictionary<string, decimal>();
        for (var group = 0; group < Groups; group++)
        {
            for (var i = random.Next(1, 8); i > 0; i--)
            {
                var start = GenerateTime(random, DateTime.MinValue.AddDays(2), DateTime.MaxValue.AddDays(-2));
                var end = random.Next(3) switch
                {
                    0 => GenerateTime(random, DateTime.MinValue.AddDays(2), DateTime.MaxValue.AddDays(-2)),
                    1 => start.AddMicroseconds(random.NextInt64(-10_000_000, 10_000_000)),
                    _ => start.AddMicroseconds(random.NextInt64(0, 3_600_000_000)),
                };
                rows.Add(($"{group}", spellStart(start), spellEnd(end)));
                expected[$"{group}"] =
                    expected.GetValueOrDefault($"{group}") + ToMicroseconds(end) - ToMicroseconds(start);
            }
        }

        await using var sqlite = await CreateDatabaseAsync();
        await InsertAsync(sqlite, rows);
        var sums = await ReadSumsAsync(sqlite);
        Assert.Multiple(() =>
        {
            foreach (var (group, microseconds) in expected)
                Assert.That(sums[group], Is.EqualTo(ToSeconds(microseconds)), () => string.Join(
                    '\n', rows.Where(row => row.Group == group)));
        });
    }

    private static DateTime GenerateTime(Random random, DateTime first, DateTime last)
    {
        var time = Epoch.AddMicroseconds(random.NextInt64(ToMicroseconds(first), ToMicroseconds(last)));

        // Half of the times have a fraction of zero, or nearly one second, which may round up.
        return random.Next(4) switch
        {
            0 => new DateTime(time.Ticks - time.Ticks % TimeSpan.TicksPerSecond),
            1 => new DateTime(time.Ticks - time.Ticks % TimeSpan.TicksPerSecond)
                .AddMicroseconds(999_400 + random.Next(600)),
            _ => time,
        };
    }

    private static long ToMicroseconds(DateTime time) => (time.Ticks - Epoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>
    /// Converts microseconds to seconds. Parsing rounds correctly; the conversion from decimal to double may not.
    /// </summary>
    private static double ToSeconds(decimal microseconds) =>
        double.Parse((microseconds / 1_000_000m).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static async Task<TemporarySqlite> CreateDatabaseAsync()
    {
        var sqlite = new TemporarySqlite();
        await sqlite.ExecuteAsync(TemporarySqlite.Schema + """
            INSERT INTO products VALUES ('p', 'P');
            INSERT INTO workflows VALUES ('w', 'W', 'MODIFY');
            INSERT INTO subscriptions VALUES ('s', 'active', 'p', 'C', 1);
            """);
        return sqlite;
    }

    private static async Task InsertAsync(
        TemporarySqlite sqlite, IEnumerable<(string Group, object Start, object End)> rows)
    {
        await using var connection = (SqliteConnection)await sqlite.DataSource.OpenConnectionAsync();
        await using var transaction = connection.BeginTransaction();
        await using var insert = connection.CreateCommand();
        insert.Transaction = transaction;
        insert.CommandText = """
            INSERT INTO processes VALUES ($pid, 'completed', $start, $end, $group, 0, 'w');
            INSERT INTO processes_subscriptions VALUES ($pid, $pid, 's');
            """;
        foreach (var (group, start, end) in rows)
        {
            insert.Parameters.Clear();
            insert.Parameters.AddWithValue("$pid", Guid.NewGuid().ToString());
            insert.Parameters.AddWithValue("$group", group);
            insert.Parameters.AddWithValue("$start", start);
            insert.Parameters.AddWithValue("$end", end);
            await insert.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }

    private static async Task<Dictionary<string, double>> ReadSumsAsync(TemporarySqlite sqlite)
    {
        await using var services = GoldenTests.BuildServices(sqlite.DataSource);
        await using var scope = services.CreateAsyncScope();
        var rows = await scope.ServiceProvider.GetRequiredService<IProcessRepository>()
            .GetProcessCountsAsync(CancellationToken.None).Soon();
        return rows.ToDictionary(row => row.CreatedBy!, row => row.TotalSeconds);
    }
}
