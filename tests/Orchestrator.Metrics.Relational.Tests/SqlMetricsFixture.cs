using System.Data.Common;

namespace Orchestrator.Metrics.Tests;

/// <summary>A table on PostgreSQL or on SQLite, for tests of <c>AddSqlMetrics</c>.</summary>
[TestFixture(true)]
[TestFixture(false)]
public abstract class SqlMetricsFixture(bool postgreSql)
{
    private const string Ports = """
        CREATE TABLE ports (site TEXT, speed INTEGER, state TEXT, errors INTEGER, drops INTEGER, seconds NUMERIC);
        INSERT INTO ports VALUES
            ('Oslo', 10, 'free', 3, NULL, 5), ('Oslo', 10, 'used', 4, 2, 30), ('Oslo', 100, 'used', 0, 0, 90.5),
            (NULL, 10, 'free', NULL, NULL, NULL), ('a "b" \ c', 10, 'free', 1, 0, 1);
        """;

    private TemporarySqlite? _sqlite;

    protected bool IsPostgreSql => postgreSql;

    protected DbDataSource Database { get; private set; } = null!;

    [OneTimeSetUp]
    public async Task CreateAsync()
    {
        if (postgreSql)
        {
            Database = await Databases.CreateAsync(Ports);
            return;
        }

        _sqlite = new TemporarySqlite();
        Database = _sqlite.DataSource;
        await _sqlite.ExecuteAsync(Ports);
    }

    [OneTimeTearDown]
    public async Task DisposeAsync()
    {
        if (_sqlite is not null)
            await _sqlite.DisposeAsync();
        else if (Database is not null)
            await Database.DisposeAsync();
    }

    /// <summary>
    /// Asserts that the exposition has the expected families and lines. Ignores their order, because SQL returns rows
    /// in any order.
    /// </summary>
    protected async Task AssertTextAsync(
        string query, Action<SqlMetricsBuilder> define, string expected, string where = "")
    {
        var snapshot = await SqlMetricsHost.CollectAsync(Database, $"{query} {where}", define);

        Assert.That(Sort(snapshot.ToText()), Is.EqualTo(Sort(expected)));
    }

    private static string[] Sort(string text) =>
        [.. text.Split("# HELP ").Select(family => string.Join('\n', family.Split('\n').Order(StringComparer.Ordinal)))
            .Order(StringComparer.Ordinal)];
}
