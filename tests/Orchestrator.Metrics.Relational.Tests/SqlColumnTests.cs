using Npgsql;

namespace Orchestrator.Metrics.Tests;

public class SqlColumnTests
{
    private NpgsqlDataSource _postgreSql = null!;
    private TemporarySqlite _sqlite = null!;

    [OneTimeSetUp]
    public async Task CreateAsync()
    {
        _sqlite = new TemporarySqlite();

        // A data source reads the types of its database once, so the one that creates the type does not know it.
        await using var database = await Databases.CreateAsync("CREATE TYPE mood AS ENUM ('sad', 'happy')");
        _postgreSql = database.CreateDataSource("Application Name=columns");
    }

    [OneTimeTearDown]
    public async Task DisposeAsync()
    {
        await _sqlite.DisposeAsync();
        if (_postgreSql is not null)
            await _postgreSql.DisposeAsync();
    }

    [TestCase("'Zürich ' || chr(10) || chr(9) || '\"\\{}'", "Zürich \n\t\"\\{}")]
    [TestCase("repeat('x', 300)", null)]
    [TestCase("''", "")]
    [TestCase("NULL::integer", "")]
    [TestCase("NULL::text", "")]
    [TestCase("true", "true")]
    [TestCase("false", "false")]
    [TestCase("-7::smallint", "-7")]
    [TestCase("9223372036854775807", "9223372036854775807")]
    [TestCase("42::oid", "42")]
    [TestCase("1.10::numeric", "1.10")]
    [TestCase("1.5::float8", "1.5")]
    [TestCase("0.1::float4", "0.1")]
    [TestCase("1e300::float8", "1E+300")]
    [TestCase("'NaN'::float8", "NaN")]
    [TestCase("'-Infinity'::float8", "-Infinity")]
    [TestCase("date '2026-11-25'", "2026-11-25")]
    [TestCase("date '-infinity'", "-infinity")]
    [TestCase("timestamptz '2026-11-25 09:30+02'", "2026-11-25T07:30:00Z")]
    [TestCase("timestamptz 'infinity'", "infinity")]
    [TestCase("timestamp '2026-11-25 09:30:00.123456'", "2026-11-25T09:30:00.123456")]
    [TestCase("timestamp '-infinity'", "-infinity")]
    [TestCase("time '09:30'", "09:30:00")]
    [TestCase("interval '1 day 2 hours'", "1.02:00:00")]
    [TestCase("'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'::uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11")]
    [TestCase("'\\xCAFE'::bytea", "cafe")]
    [TestCase("'{\"a\": 1}'::jsonb", "{\"a\": 1}")]
    [TestCase("'{\"a\":1}'::json", "{\"a\":1}")]
    [TestCase("'10.0.0.1'::inet", "10.0.0.1")]
    [TestCase("'abc'::name", "abc")]
    [TestCase("'abc'::varchar(2)", "ab")]
    [TestCase("'s'::\"char\"", "s")]
    [TestCase("'happy'::mood", "happy")]
    public async Task Label_of_a_PostgreSQL_type_has_one_text_form(string sql, string? text) =>
        Assert.That(await CollectLabelAsync(_postgreSql, sql), Is.EqualTo(text ?? new string('x', 300)));

    [TestCase("'text'", "text")]
    [TestCase("7", "7")]
    [TestCase("1.50", "1.5")]
    [TestCase("x'CAFE'", "cafe")]
    [TestCase("NULL", "")]
    public async Task Label_of_a_SQLite_value_has_one_text_form(string sql, string text) =>
        Assert.That(await CollectLabelAsync(_sqlite.DataSource, sql), Is.EqualTo(text));

    [SetCulture("de-DE")]
    [TestCase("1.5::float8", "1.5")]
    [TestCase("1.10::numeric", "1.10")]
    [TestCase("-7", "-7")]
    [TestCase("date '2026-11-25'", "2026-11-25")]
    public async Task Label_does_not_depend_on_the_culture(string sql, string text) =>
        Assert.That(await CollectLabelAsync(_postgreSql, sql), Is.EqualTo(text));

    [TestCase("ARRAY[1, 2]", "integer[]")]
    [TestCase("'[1,5)'::int4range", "int4range")]
    [TestCase("point(1, 2)", "point")]
    [TestCase("interval '1 month'", "interval")]
    [TestCase("'NaN'::numeric", "numeric")]
    public async Task Label_without_a_text_form_is_an_error_that_names_column_and_type(string sql, string type)
    {
        var error = await SqlMetricsHost.CollectFailureAsync(
            _postgreSql, $"SELECT {sql} AS label, 1 AS n", metrics => metrics.Gauge("acme", "", "n", ["label"]));

        Assert.That(error.Message, Does.StartWith(
            $"Column 'label' of type {type} cannot be read as text. Convert it in the query, for example with CAST."));
    }

    [Test]
    public async Task Label_of_a_type_that_the_provider_does_not_know_is_an_error_that_names_the_column()
    {
        await using var database = await Databases.CreateAsync("CREATE TYPE late AS ENUM ('a')");

        var error = await SqlMetricsHost.CollectFailureAsync(
            database, "SELECT 'a'::late AS label, 1 AS n", metrics => metrics.Gauge("acme", "", "n", ["label"]));

        Assert.That(error.Message, Does.StartWith("Column 'label' of type ").And.Contain(" cannot be read as text. "));
    }

    [TestCase("1::smallint", 1)]
    [TestCase("-2147483648", -2147483648)]
    [TestCase("9007199254740993", 9007199254740992)]
    [TestCase("0.1::numeric", 0.1)]
    [TestCase("123456789012345678.9::numeric", 123456789012345678.9)]
    [TestCase("0.5::float4", 0.5)]
    [TestCase("1e-300::float8", 1e-300)]
    [TestCase("'NaN'::float8", double.NaN)]
    [TestCase("'Infinity'::float8", double.PositiveInfinity)]
    [TestCase("true", 1)]
    [TestCase("false", 0)]
    [TestCase("42::oid", 42)]
    [TestCase("'12.5'::text", 12.5)]
    [TestCase("'-1e3'::varchar", -1000)]
    [TestCase("'NaN'::text", double.NaN)]
    [TestCase("timestamptz '2026-11-25 09:30:00.5Z'", 1795599000.5)]
    [TestCase("timestamp '2026-11-25 09:30:00.123456'", 1795599000.123456)]
    [TestCase("timestamptz '1969-12-31 23:59:59Z'", -1)]
    [TestCase("timestamptz 'infinity'", double.PositiveInfinity)]
    [TestCase("timestamptz '-infinity'", double.NegativeInfinity)]
    [TestCase("date '2026-11-25'", 1795564800)]
    [TestCase("date 'infinity'", double.PositiveInfinity)]
    [TestCase("interval '1 day 1.5 seconds'", 86401.5)]
    public async Task Value_of_a_PostgreSQL_type_is_a_number(string sql, double value) =>
        Assert.That(await CollectValueAsync(_postgreSql, sql), Is.EqualTo(value));

    [TestCase("7", 7)]
    [TestCase("1.5", 1.5)]
    [TestCase("'2.5'", 2.5)]
    public async Task Value_of_SQLite_is_a_number(string sql, double value) =>
        Assert.That(await CollectValueAsync(_sqlite.DataSource, sql), Is.EqualTo(value));

    [SetCulture("de-DE")]
    [Test]
    public async Task Value_does_not_depend_on_the_culture() =>
        Assert.That(await CollectValueAsync(_postgreSql, "'1.5'::text"), Is.EqualTo(1.5));

    [TestCase("'1,5'::text", "text")]
    [TestCase("''::text", "text")]
    [TestCase("'many'::text", "text")]
    [TestCase("'happy'::mood", "mood")]
    [TestCase("'NaN'::numeric", "numeric")]
    [TestCase("1e100::numeric", "numeric")]
    [TestCase("ARRAY[1]", "integer[]")]
    [TestCase("interval '1 month'", "interval")]
    [TestCase("time '09:30'", "time without time zone")]
    [TestCase("gen_random_uuid()", "uuid")]
    [TestCase("'\\x01'::bytea", "bytea")]
    [TestCase("'{}'::jsonb", "jsonb")]
    [TestCase("timestamptz '4000-01-01 BC'", "timestamp with time zone")]
    public async Task Value_that_is_not_a_number_is_an_error_that_names_column_and_type(string sql, string type)
    {
        var error = await SqlMetricsHost.CollectFailureAsync(
            _postgreSql, $"SELECT {sql} AS n", metrics => metrics.Gauge("acme", "", "n"));

        Assert.That(error.Message, Does.StartWith("Column 'n' of type ").And.Contain(type).And.Contain(
            " cannot be read as a number. Convert it in the query, for example with CAST."));
    }

    [TestCase("'yesterday'::text")]
    [TestCase("'NaN'::float8")]
    [TestCase("1e300::float8")]
    [TestCase("timestamptz 'infinity'")]
    [TestCase("date 'infinity'")]
    [TestCase("true::text")]
    public async Task Timestamp_that_is_not_a_time_is_an_error_that_names_the_column(string sql)
    {
        var error = await SqlMetricsHost.CollectFailureAsync(
            _postgreSql, $"SELECT 1 AS n, {sql} AS at",
            metrics => metrics.Add(new SqlMetricFamily
            {
                Type = MetricType.Gauge,
                Name = "acme",
                Help = "",
                Values = ["n"],
                Timestamp = "at",
            }));

        Assert.That(error.Message, Does.StartWith("Column 'at' of type ").And.Contain("cannot be read as a time."));
    }

    private static async Task<string> CollectLabelAsync(System.Data.Common.DbDataSource database, string sql)
    {
        var snapshot = await SqlMetricsHost.CollectAsync(
            database, $"SELECT {sql} AS label, 1 AS n", metrics => metrics.Gauge("acme", "", "n", ["label"]));
        return snapshot.Families.Single().Samples.Single().Labels["label"];
    }

    private static async Task<double> CollectValueAsync(System.Data.Common.DbDataSource database, string sql)
    {
        var snapshot = await SqlMetricsHost.CollectAsync(
            database, $"SELECT {sql} AS n", metrics => metrics.Gauge("acme", "", "n"));
        return snapshot.Families.Single().Samples.Single().Value;
    }
}
