using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Collectors that read a schema of orchestrator-core before 2.0.1 fail with an error that names the required version.
/// </summary>
public class OldSchemaTests
{
    private const string Remedy =
        " Upgrade orchestrator-core and run its migrations. For a schema of your own, use a SQL dialect with queries for " +
        "it, and cast UUIDs to text.";

    private const string WorkflowId =
        "The database needs orchestrator-core 2.0.1 or later: column processes.workflow_id is missing." + Remedy;

    // Version 2.0.0 stores the name of the workflow instead of its id. Version 2.0.1 added migration 048219045729.
    private const string WithoutWorkflowId =
        "ALTER TABLE processes DROP COLUMN workflow_id CASCADE; ALTER TABLE processes ADD COLUMN workflow varchar(255)";

    // Version 1 stores customer ids as UUIDs.
    private const string WithUuidCustomers =
        "ALTER TABLE subscriptions ALTER COLUMN customer_id TYPE uuid USING md5(customer_id)::uuid";

    [TestCase("ProcessCollector")]
    [TestCase("OperationalCollector")]
    public async Task Error_for_a_missing_workflow_id_in_PostgreSql_names_the_required_version(string collector)
    {
        await using var database = await Databases.CreateAsync(
            Databases.Schema, "DROP VIEW IF EXISTS processes_view", WithoutWorkflowId);

        Assert.That(
            await CollectErrorAsync(database, collector),
            Is.TypeOf<UnsupportedSchemaException>().With.Message.EqualTo(WorkflowId));
    }

    [TestCase("ProcessCollector")]
    [TestCase("OperationalCollector")]
    public async Task Error_for_a_missing_workflow_id_in_Sqlite_names_the_required_version(string collector)
    {
        await using var database = new TemporarySqlite();
        await database.ExecuteAsync(TemporarySqlite.Schema.Replace(
            "workflow_id TEXT NOT NULL REFERENCES workflows", "workflow TEXT NOT NULL", StringComparison.Ordinal));

        Assert.That(
            await CollectErrorAsync(database.DataSource, collector),
            Is.TypeOf<UnsupportedSchemaException>().With.Message.EqualTo(WorkflowId));
    }

    [TestCase("SubscriptionCollector")]
    [TestCase("ProcessCollector")]
    public async Task Error_for_customer_ids_of_type_uuid_names_the_required_version(string collector)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small, WithUuidCustomers);

        Assert.That(
            await CollectErrorAsync(database, collector),
            Is.TypeOf<UnsupportedSchemaException>().With.Message.EqualTo(
                "The database needs orchestrator-core 2.0.1 or later: column 'customer_id' is of type uuid instead " +
                "of text." + Remedy));
    }

    [Test]
    public async Task Customer_ids_of_type_uuid_are_accepted_if_their_label_is_dropped()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.Small, WithUuidCustomers);

        await using var services = new ServiceCollection().AddOrchestratorMetrics().AddRelationalRepositories(database)
            .ConfigureDefaultCollectors(DefaultCollectors.All, options => options.DropLabels = ["customer_id"])
            .Services.BuildServiceProvider();

        Assert.That(
            async () => await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync(), Throws.Nothing);
    }

    [Test]
    public async Task Error_for_another_missing_column_is_that_of_the_database()
    {
        await using var database = await Databases.CreateAsync(
            Databases.Schema, "ALTER TABLE workflows RENAME COLUMN name TO title");

        Assert.That(await CollectErrorAsync(database, "ProcessCollector"), Has.Message.StartsWith("42703"));
    }

    [Test]
    public async Task Error_for_a_column_that_only_SQL_metrics_miss_is_that_of_the_database()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);

        Assert.That(
            await CollectErrorAsync(database, "mine", metrics => metrics.AddSqlMetrics(
                "mine", "SELECT workflow_id, pid.workflow_id FROM products pid",
                families => families.Gauge("mine", "", value: "workflow_id"))),
            Has.Message.StartsWith("42703"));
    }

    private static async Task<Exception> CollectErrorAsync(
        DbDataSource database, string collector, Action<OrchestratorMetricsBuilder>? add = null)
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics().AddRelationalRepositories(database)
            .AddOperationalMetrics();
        add?.Invoke(builder);
        await using var services = builder.Services.BuildServiceProvider();
        var error = await Assert.ThrowsAsync<MetricsCollectionException>(
            () => services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync(
                new() { Predicate = registration => registration.Name == collector }));
        return error!.InnerException!;
    }
}
