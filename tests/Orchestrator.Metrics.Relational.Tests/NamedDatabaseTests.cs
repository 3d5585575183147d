using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Tests;

/// <summary>Several databases in one host. Named databases have keyed services and named options.</summary>
public class NamedDatabaseTests
{
    private const string Sites = "CREATE TABLE sites (name TEXT); INSERT INTO sites VALUES ";

    [Test]
    public async Task SQL_metrics_and_collectors_read_the_database_that_they_name()
    {
        await using var first = new TemporarySqlite();
        await using var second = new TemporarySqlite();
        await first.ExecuteAsync(Sites + "('Oslo')");
        await second.ExecuteAsync(Sites + "('Rome')");
        await using var services = new ServiceCollection()
            .AddSingleton(first.DataSource)
            .AddKeyedSingleton("second", second.DataSource)
            .AddOrchestratorMetrics()
            .AddSqlMetrics("a", "SELECT name FROM sites", metrics => metrics.Add(CreateFamily("acme_first")))
            .AddSqlMetrics(
                "b", "SELECT name FROM sites", metrics => metrics.Add(CreateFamily("acme_second")), database: "second")
            .AddCollector<SecondCollector>()
            .Services.BuildServiceProvider(validateScopes: true);

        var snapshot = await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        Assert.That(FindSamples(snapshot.ToText()), Is.EqualTo(new[]
        {
            "acme_first{name=\"Oslo\"} 1.0", "acme_second{name=\"Rome\"} 1.0", "acme_injected{name=\"Rome\"} 1.0",
        }));
    }

    [Test]
    public async Task Default_collectors_of_a_second_database_add_its_series()
    {
        await using var first = await CreateDatabaseAsync("A", running: 2);
        await using var second = await CreateDatabaseAsync("B", running: 3);
        await using var services = new ServiceCollection()
            .AddKeyedSingleton("second", second.DataSource)
            .AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.Subscriptions)
            .AddRelationalRepositories(first.DataSource)
            .AddRelationalRepositories("second", options => options.RunningProcesses = (_, _) => Task.FromResult(9L))
            .AddDefaultCollectors("second", DefaultCollectors.WorkflowEngine, options => options.Tags = ["second"])
            .Services.BuildServiceProvider(validateScopes: true);
        var names = new List<string>();

        var snapshot = await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync(
            new ScrapeRequest
            {
                Predicate = collector =>
                {
                    names.Add($"{collector.Name} {string.Join(',', collector.Tags)}");
                    return true;
                },
            }).Soon();

        Assert.That(names, Is.EqualTo(new[] { "SubscriptionCollector ", "WorkflowEngineCollector_second second" }));
        Assert.That(FindSamples(snapshot.ToText()), Is.EqualTo(new[]
        {
            """wfo_subscriptions_count{customer_id="C",insync="True",lifecycle_state="active",product_name="A"} 1.0""",
            """wfo_engine_status{wfo_engine_status="PAUSED"} 0.0""",
            """wfo_engine_status{wfo_engine_status="PAUSING"} 0.0""",
            """wfo_engine_status{wfo_engine_status="RUNNING"} 1.0""",
            "wfo_active_process_count 9.0",
        }));
    }

    [Test]
    public async Task Missing_table_of_the_second_database_is_logged_for_its_collector()
    {
        await using var sqlite = new TemporarySqlite();
        var log = new ListLogger();
        await using var services = new ServiceCollection()
            .AddSingleton<Microsoft.Extensions.Logging.ILogger<OrchestratorMetricsRegistry>>(log)
            .AddKeyedSingleton("second", sqlite.DataSource)
            .AddOrchestratorMetrics()
            .AddRelationalRepositories("second")
            .AddDefaultCollectors("second")
            .Services.BuildServiceProvider(validateScopes: true);

        await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        foreach (var collector in new[] { "SubscriptionCollector_second", "ProcessCollector_second" })
            Assert.That(log.Warnings, Has.One.Contains(collector));
    }

    [Test]
    public async Task Default_collectors_without_their_keyed_repositories_are_a_startup_error()
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddOrchestratorMetrics()
            .AddDefaultCollectors("second", DefaultCollectors.Processes | DefaultCollectors.Subscriptions);
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.That(error!.Failures, Is.EqualTo(new[]
        {
            FormatMissing("SubscriptionCollector", "ISubscriptionRepository"),
            FormatMissing("ProcessCollector", "IProcessRepository"),
        }));

        static string FormatMissing(string collector, string repository) =>
            $"Collector '{collector}_second' needs {repository} with the key 'second', which the host does not register. " +
            $"Call services.AddKeyedScoped<{repository}, ...>(\"second\"), or exclude the collector: " +
            "AddDefaultCollectors(\"second\", collectors).";
    }

    [Test]
    public async Task Two_databases_with_the_same_families_are_a_startup_error()
    {
        await using var sqlite = new TemporarySqlite();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddKeyedSingleton("second", sqlite.DataSource)
            .AddOrchestratorMetrics()
            .AddRelationalRepositories(sqlite.DataSource)
            .AddRelationalRepositories("second")
            .AddDefaultCollectors("second", DefaultCollectors.Processes);
        using var host = builder.Build();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());

        Assert.That(error!.Message, Does.StartWith(
            "Collectors 'ProcessCollector' and 'ProcessCollector_second' both declare metric family 'wfo_process_count'."));
    }

    [Test]
    public async Task Default_families_of_two_databases_share_an_endpoint_if_a_label_is_added()
    {
        await using var first = await CreateDatabaseAsync("A", running: 2);
        await using var second = await CreateDatabaseAsync("B", running: 3);
        await using var services = new ServiceCollection()
            .AddKeyedSingleton("second", second.DataSource)
            .AddOrchestratorMetrics()
            .AddRelationalRepositories(first.DataSource)
            .AddRelationalRepositories("second")
            .AddDefaultCollectors(
                "second",
                configure: options => options.AddLabels = new Dictionary<string, string> { ["database"] = "second" })
            .Services.BuildServiceProvider(validateScopes: true);

        var snapshot = await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        Assert.That(snapshot.Families, Has.Count.EqualTo(5));
        Assert.That(snapshot.TryGetValue("wfo_active_process_count", out var active), Is.True);
        Assert.That(
            snapshot.TryGetValue("wfo_active_process_count", out var secondActive, ("database", "second")), Is.True);
        Assert.That((active, secondActive), Is.EqualTo((2, 3)));
        Assert.That(
            snapshot.TryGetValue(
                "wfo_engine_status", out _, ("database", "second"), ("wfo_engine_status", "RUNNING")),
            Is.True);
    }

    [Test]
    public async Task Missing_data_source_is_an_error_that_names_the_database()
    {
        await using var services = new ServiceCollection().AddOrchestratorMetrics().AddOrchestratorDatabase("second")
            .Services.BuildServiceProvider(validateScopes: true);
        await using var scope = services.CreateAsyncScope();

        Assert.That(
            () => scope.ServiceProvider.GetRequiredKeyedService<OrchestratorDatabase>("second"),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "Database 'second' needs a DbDataSource, but none is registered with this key. Register one, for example " +
                "services.AddKeyedSingleton<DbDataSource>(\"second\", (_, _) => " +
                "NpgsqlDataSource.Create(connectionString))."));
    }

    [Test]
    public void Each_database_has_its_own_options_in_code_and_configuration()
    {
        using var host = Build(
            ("OrchestratorMetrics:Relational:SharedSnapshot", "true"),
            ("OrchestratorMetrics:Relational:Databases:second:ParallelQuery", "false"));

        var options = host.Services.GetRequiredService<IOptionsMonitor<RelationalOptions>>();

        Assert.That(GetValues(options.CurrentValue), Is.EqualTo((true, true, "PostgreSQL")));
        Assert.That(GetValues(options.Get("second")), Is.EqualTo((false, false, "SQLite")));

        static (bool, bool, string?) GetValues(RelationalOptions options) =>
            (options.ParallelQuery, options.SharedSnapshot, options.Dialect?.Name);
    }

    [TestCase(
        "OrchestratorMetrics:Relational:Databases:third:ParallelQuery", "true",
        "OrchestratorMetrics:Relational:Databases:third names no database. Databases: second.")]
    [TestCase(
        "OrchestratorMetrics:Relational:Databases:second:Paralel", "true",
        "OrchestratorMetrics:Relational:Databases:second:Paralel is not a known setting.")]
    [TestCase(
        "OrchestratorMetrics:Relational:Databases:second:SharedSnapshot", "maybe",
        "OrchestratorMetrics:Relational:Databases:second:SharedSnapshot is 'maybe', which is neither true nor")]
    [TestCase(
        "OrchestratorMetrics:Relational", "on", "OrchestratorMetrics:Relational is 'on', but must be a section.")]
    [TestCase(
        "OrchestratorMetrics:Relational:Databases", "second",
        "OrchestratorMetrics:Relational:Databases is 'second', but must be a section.")]
    public async Task Invalid_setting_of_a_database_is_a_startup_error(string key, string value, string message)
    {
        using var host = Build((key, value));

        var error = await Assert.CatchAsync(() => host.StartAsync());

        Assert.That(
            error is AggregateException several ? several.InnerExceptions : [error!],
            Has.Some.InstanceOf<OptionsValidationException>().With.Message.Contains(message));
    }

    [TestCase("")]
    [TestCase(" ")]
    public void Database_name_must_not_be_blank(string name)
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics();

        Assert.Multiple(() =>
        {
            Assert.That(() => builder.AddRelationalRepositories(name), Throws.ArgumentException);
            Assert.That(() => builder.AddOrchestratorDatabase(name), Throws.ArgumentException);
            Assert.That(() => builder.AddDefaultCollectors(name), Throws.ArgumentException);
            Assert.That(
                () => builder.AddSqlMetrics("q", "SELECT 1 AS n", metrics => metrics.Gauge("a", "", "n"), database: name),
                Throws.ArgumentException);
        });
    }

    private static IHost Build(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(
            settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.Services.AddOrchestratorMetrics(options => options.DefaultCollectors = DefaultCollectors.None)
            .AddRelationalRepositories(options => options.Dialect = SqlDialect.PostgreSql)
            .AddRelationalRepositories("second", options => options.Dialect = SqlDialect.Sqlite);
        var source = SqliteFactory.Instance.CreateDataSource("Data Source=:memory:");
        builder.Services.AddSingleton<DbDataSource>(source).AddKeyedSingleton<DbDataSource>("second", source);
        return builder.Build();
    }

    private static async Task<TemporarySqlite> CreateDatabaseAsync(string product, int running)
    {
        var database = new TemporarySqlite();
        await database.ExecuteAsync(TemporarySqlite.Schema + $"""
            INSERT INTO products VALUES ('p', '{product}');
            INSERT INTO subscriptions VALUES ('s', 'active', 'p', 'C', 1);
            INSERT INTO workflows VALUES ('w', 'w', 'CREATE');
            INSERT INTO processes
                SELECT column1, 'running', 0, 0, 'me', 0, 'w' FROM (VALUES (1), (2), (3)) WHERE column1 <= {running};
            """);
        return database;
    }

    private static SqlMetricFamily CreateFamily(string name) => new()
    {
        Type = MetricType.Gauge,
        Name = name,
        Help = "",
        Labels = ["name"],
        ConstantValue = 1,
    };

    private static IEnumerable<string> FindSamples(string text) =>
        text.Split('\n').Where(line => line.Length > 0 && line[0] != '#');

    private sealed class SecondCollector([FromKeyedServices("second")] OrchestratorDatabase database) : IMetricsCollector
    {
        public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
        {
            var family = MetricFamily.Gauge("acme_injected", "", "name");
            foreach (var name in await database.ReadAsync(
                "SELECT name FROM sites", row => row.GetString("name"), cancellationToken))
                family.Add(1, name);
            return [family];
        }
    }
}
