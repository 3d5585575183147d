using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>Schemas of orchestrator-core before 2.0.1 fail with an error that names the required version.</summary>
public class OldSchemaTests
{
    private const string Remedy =
        " Upgrade orchestrator-core and run its migrations, or use a SQL dialect with queries for this schema.";

    private const string WorkflowId =
        "The database needs orchestrator-core 2.0.1 or later: column processes.workflow_id is missing." + Remedy;

    // Version 2.0.0 has the name of the workflow instead. Version 2.0.1 added migration 048219045729.
    private const string WithoutWorkflowId =
        "ALTER TABLE processes DROP COLUMN workflow_id CASCADE; ALTER TABLE processes ADD COLUMN workflow varchar(255)";

    // As in version 1.
    private const string WithUuidCustomers =
        "ALTER TABLE subscriptions ALTER COLUMN customer_id TYPE uuid USING md5(customer_id)::uuid";

    [TestCase("ProcessCollector")]
    [TestCase("OperationalCollector")]
    public async Task Missing_workflow_id_in_PostgreSql_names_the_required_version(string collector)
    {
        await using var database = await Databases.PostgreSqlAsync(
            Databases.Schema, "DROP VIEW IF EXISTS processes_view", WithoutWorkflowId);

        Assert.That(await ErrorAsync(database, collector), Is.TypeOf<UnsupportedSchemaException>().With.Message.EqualTo(WorkflowId));
    }

    [TestCase("ProcessCollector")]
    [TestCase("OperationalCollector")]
    public async Task Missing_workflow_id_in_Sqlite_names_the_required_version(string collector)
    {
        await using var database = new TemporarySqlite();
        await database.ExecuteAsync(TemporarySqlite.Schema.Replace(
            "workflow_id TEXT NOT NULL REFERENCES workflows", "workflow TEXT NOT NULL", StringComparison.Ordinal));

        Assert.That(await ErrorAsync(database.DataSource, collector), Is.TypeOf<UnsupportedSchemaException>().With.Message.EqualTo(WorkflowId));
    }

    [TestCase("SubscriptionCollector")]
    [TestCase("ProcessCollector")]
    public async Task Customers_of_type_uuid_name_the_required_version(string collector)
    {
        await using var database = await Databases.PostgreSqlAsync(Databases.Schema, Databases.Small, WithUuidCustomers);

        Assert.That(await ErrorAsync(database, collector), Is.TypeOf<UnsupportedSchemaException>().With.Message.EqualTo(
            "The database needs orchestrator-core 2.0.1 or later: column 'customer_id' is of type uuid instead of text." +
            Remedy));
    }

    [Test]
    public async Task Customers_of_type_uuid_do_not_matter_if_their_label_is_dropped()
    {
        await using var database = await Databases.PostgreSqlAsync(Databases.Schema, Databases.Small, WithUuidCustomers);

        await using var services = new ServiceCollection().AddOrchestratorMetrics().AddRelationalRepositories(database)
            .ConfigureDefaultCollectors(DefaultCollectors.All, options => options.DropLabels = ["customer_id"])
            .Services.BuildServiceProvider();

        Assert.That(
            async () => await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync(), Throws.Nothing);
    }

    [Test]
    public async Task Other_missing_column_keeps_the_error_of_the_database()
    {
        await using var database = await Databases.PostgreSqlAsync(
            Databases.Schema, "ALTER TABLE workflows RENAME COLUMN name TO title");

        Assert.That(await ErrorAsync(database, "ProcessCollector"), Has.Message.StartsWith("42703"));
    }

    [Test]
    public async Task Column_that_only_SQL_metrics_miss_keeps_the_error_of_the_database()
    {
        await using var database = await Databases.PostgreSqlAsync(Databases.Schema);

        Assert.That(
            await ErrorAsync(database, "mine", metrics => metrics.AddSqlMetrics(
                "mine", "SELECT workflow_id, pid.workflow_id FROM products pid",
                families => families.Gauge("mine", "", value: "workflow_id"))),
            Has.Message.StartsWith("42703"));
    }

    /// <summary>Returns the error of one collector.</summary>
    private static async Task<Exception> ErrorAsync(
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
