using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Orchestrator.Metrics.Tests;

public class RegistrationTests
{
    [Test]
    public async Task Registration_and_startup_run_no_query_and_open_no_connection()
    {
        await using var database = new CountingDataSource("Host=127.0.0.1;Port=1;Username=none;Database=none");

        await using var host = await ScrapeHost.StartAsync(database);

        Assert.That(await host.GetAsync("/alive"), Is.EqualTo("yes"));
        Assert.That(database.Connections, Is.Zero);
        Assert.That(host.Log.Entries, Is.Empty);
    }

    [Test]
    public async Task Data_source_comes_from_the_services()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var services = new ServiceCollection()
            .AddSingleton<DbDataSource>(database)
            .AddOrchestratorMetrics().AddRelationalRepositories()
            .Services.BuildServiceProvider(validateScopes: true);

        Assert.That(await CollectTextAsync(services), Does.Contain("wfo_active_process_count 0.0\n"));
    }

    [Test]
    public async Task Data_source_argument_takes_precedence_over_the_services()
    {
        await using var other = new CountingDataSource("Host=127.0.0.1;Port=1;Username=none;Database=none");
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var services = new ServiceCollection()
            .AddSingleton<DbDataSource>(other)
            .AddOrchestratorMetrics().AddRelationalRepositories(database)
            .Services.BuildServiceProvider(validateScopes: true);

        Assert.That(await CollectTextAsync(services), Does.Contain("wfo_active_process_count 0.0\n"));
        Assert.That(other.Connections, Is.Zero);
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Options_of_all_calls_apply_and_the_data_source_argument_is_kept(bool givenFirst)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        var builder = new ServiceCollection().AddOrchestratorMetrics();
        if (givenFirst)
            builder.AddRelationalRepositories(database);
        builder.AddRelationalRepositories(options => options.RunningProcesses = (_, _) => Task.FromResult(7L));
        if (!givenFirst)
            builder.AddRelationalRepositories(database);
        builder.AddRelationalRepositories(options => options.Dialect =
            new SqlDialect(SqlDialect.PostgreSql) { EngineSettingsQuery = "SELECT true AS global_lock" });
        await using var services = builder.Services.BuildServiceProvider(validateScopes: true);

        Assert.That(await CollectTextAsync(services), Does.Contain("wfo_active_process_count 7.0\n")
            .And.Contain("wfo_engine_status{wfo_engine_status=\"PAUSING\"} 1.0\n"));
    }

    [Test]
    public async Task Last_data_source_argument_and_last_option_value_apply()
    {
        await using var other = new CountingDataSource("Host=127.0.0.1;Port=1;Username=none;Database=none");
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using var services = new ServiceCollection().AddOrchestratorMetrics()
            .AddRelationalRepositories(other, options => options.RunningProcesses = (_, _) => Task.FromResult(1L))
            .AddRelationalRepositories(database, options => options.RunningProcesses = (_, _) => Task.FromResult(2L))
            .Services.BuildServiceProvider(validateScopes: true);

        Assert.That(await CollectTextAsync(services), Does.Contain("wfo_active_process_count 2.0\n"));
        Assert.That(other.Connections, Is.Zero);
    }

    [Test]
    public async Task Data_source_argument_is_not_disposed()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        await using (var services = GoldenTests.BuildServices(database))
            await CollectTextAsync(services);

        await PostgreSqlServer.ExecuteAsync(database, "SELECT 1").Soon();
    }

    [Test]
    public async Task Missing_data_source_is_an_error_with_the_remedy()
    {
        await using var services = new ServiceCollection()
            .AddOrchestratorMetrics().AddRelationalRepositories()
            .Services.BuildServiceProvider(validateScopes: true);
        await using var scope = services.CreateAsyncScope();

        Assert.That(
            () => scope.ServiceProvider.GetRequiredService<IProcessRepository>(),
            Throws.InvalidOperationException.With.Message.EqualTo(
                "The database needs a DbDataSource, but none is registered. Register one, for example " +
                "services.AddSingleton<DbDataSource>(NpgsqlDataSource.Create(connectionString)), or pass one: " +
                "AddRelationalRepositories(dataSource)."));
    }

    [Test]
    public void Null_arguments_are_rejected()
    {
        var builder = new ServiceCollection().AddOrchestratorMetrics();

        Assert.That(
            () => builder.AddRelationalRepositories((DbDataSource)null!),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("dataSource"));
        Assert.That(
            () => ((OrchestratorMetricsBuilder)null!).AddRelationalRepositories(),
            Throws.ArgumentNullException.With.Property("ParamName").EqualTo("builder"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Repository_of_the_host_is_kept_in_either_order_of_registration(bool before)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema);
        var collection = new ServiceCollection();
        if (before)
            collection.AddScoped<IWorkflowEngineRepository, OwnEngine>();
        collection.AddOrchestratorMetrics().AddRelationalRepositories(database);
        if (!before)
            collection.AddScoped<IWorkflowEngineRepository, OwnEngine>();
        await using var services = collection.BuildServiceProvider(validateScopes: true);

        Assert.That(await CollectTextAsync(services), Does.Contain("wfo_active_process_count 77.0\n"));
    }

    [Test]
    public async Task RunningProcesses_receives_the_scope_of_the_run()
    {
        await using var database = await Databases.CreateAsync(
            Databases.Schema, Databases.Small, "UPDATE engine_settings SET global_lock = true");
        var scoped = new List<Executor>();
        await using var services = new ServiceCollection()
            .AddScoped(_ =>
            {
                var executor = new Executor();
                scoped.Add(executor);
                return executor;
            })
            .AddOrchestratorMetrics()
            .AddRelationalRepositories(database, options => options.RunningProcesses =
                (provider, cancellationToken) => provider.GetRequiredService<Executor>().CountAsync(cancellationToken))
            .Services.BuildServiceProvider(validateScopes: true);

        Assert.That(await CollectTextAsync(services), Does.Contain("wfo_active_process_count 0.0\n")
            .And.Contain("wfo_engine_status{wfo_engine_status=\"PAUSED\"} 1.0\n"));
        await CollectTextAsync(services);
        Assert.That(scoped, Has.Count.EqualTo(2).And.All.Property("Disposed").True);
        Assert.That(scoped, Has.All.Property("CanBeCancelled").True);
    }

    private static async Task<string> CollectTextAsync(ServiceProvider services) =>
        (await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon()).ToText();

    private sealed class OwnEngine : IWorkflowEngineRepository
    {
        public Task<WorkflowEngineState> GetEngineStateAsync(CancellationToken cancellationToken) =>
            Task.FromResult(new WorkflowEngineState { GlobalLock = false, RunningProcesses = 77 });
    }

    private sealed class Executor : IDisposable
    {
        public bool Disposed { get; private set; }

        public bool CanBeCancelled { get; private set; }

        public Task<long> CountAsync(CancellationToken cancellationToken)
        {
            CanBeCancelled = cancellationToken.CanBeCanceled;
            return Task.FromResult(0L);
        }

        public void Dispose() => Disposed = true;
    }

    private sealed class CountingDataSource(string connectionString) : DbDataSource
    {
        private int _connections;

        public int Connections => Volatile.Read(ref _connections);

        public override string ConnectionString => connectionString;

        protected override DbConnection CreateDbConnection()
        {
            Interlocked.Increment(ref _connections);
            return new NpgsqlConnection(connectionString);
        }
    }
}
