using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Relational;
using Orchestrator.Metrics.Relational.Repositories;

namespace Orchestrator.Metrics;

/// <summary>Registers databases, and repositories that read the database of an orchestrator-core.</summary>
public static class RelationalRepositoriesExtensions
{
    /// <summary>
    /// Registers the three repositories of the default collectors, and the repository of
    /// <see cref="OrchestratorMetricsBuilder.AddOperationalMetrics"/>. They read from the registered
    /// <see cref="DbDataSource"/>. Repositories that the host registers take precedence.
    /// </summary>
    /// <remarks>
    /// Repeated calls apply all options, in order. A data source that is passed to another call takes precedence over
    /// the registered one.
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets options.</param>
    public static OrchestratorMetricsBuilder AddRelationalRepositories(
        this OrchestratorMetricsBuilder builder, Action<RelationalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        AddRepositories(builder.Services, database: null, configure);
        return builder;
    }

    /// <summary>
    /// Registers the three repositories of the default collectors, and the repository of
    /// <see cref="OrchestratorMetricsBuilder.AddOperationalMetrics"/>. They read from the given data source.
    /// Repositories that the host registers take precedence.
    /// </summary>
    /// <remarks>Repeated calls apply all options, in order, and use the last data source.</remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="dataSource">The data source. The caller disposes it.</param>
    /// <param name="configure">Sets options.</param>
    public static OrchestratorMetricsBuilder AddRelationalRepositories(
        this OrchestratorMetricsBuilder builder, DbDataSource dataSource, Action<RelationalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dataSource);
        builder.Services.AddSingleton(new RelationalServices.GivenDataSource(dataSource));
        return builder.AddRelationalRepositories(configure);
    }

    /// <summary>
    /// Registers the three repositories of the default collectors, and the repository of operational metrics, for
    /// another database, as keyed services. They read from the <see cref="DbDataSource"/> that is registered with this
    /// key. Repositories that the host registers with the key take precedence. Add the collectors with
    /// <see cref="OrchestratorMetricsBuilder.AddDefaultCollectors"/> and
    /// <see cref="OrchestratorMetricsBuilder.AddOperationalMetrics"/>.
    /// </summary>
    /// <remarks>
    /// Repeated calls apply all options, in order. The name of the options is the name of the database. The
    /// configuration section <c>OrchestratorMetrics:Relational:Databases:&lt;database&gt;</c> overrides them.
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="database">The name of the database: the key of its data source and of the repositories.</param>
    /// <param name="configure">Sets options.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static OrchestratorMetricsBuilder AddRelationalRepositories(
        this OrchestratorMetricsBuilder builder, string database, Action<RelationalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(database);
        AddRepositories(builder.Services, database, configure);
        return builder;
    }

    /// <summary>
    /// Registers <see cref="OrchestratorDatabase"/> without repositories, for collectors of the host. Also sets the
    /// options of a database that only these collectors and SQL metrics read. <see cref="AddRelationalRepositories(
    /// OrchestratorMetricsBuilder, Action{RelationalOptions}?)"/> registers the service too.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="name">
    /// The name of the database: the key of its <see cref="DbDataSource"/> and its <see cref="OrchestratorDatabase"/>.
    /// Null, the default, selects the <see cref="DbDataSource"/> that is registered without a key.
    /// </param>
    /// <param name="configure">Sets options.</param>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static OrchestratorMetricsBuilder AddOrchestratorDatabase(
        this OrchestratorMetricsBuilder builder, string? name = null, Action<RelationalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        RelationalServices.AddDatabase(builder.Services, name, configure);
        return builder;
    }

    private static void AddRepositories(
        IServiceCollection services, string? database, Action<RelationalOptions>? configure)
    {
        RelationalServices.AddDatabase(services, database, configure);
        Add<ISubscriptionRepository>((source, context, _) => new SubscriptionRepository(source, context));
        Add<IProcessRepository>((source, context, _) => new ProcessRepository(source, context));
        Add<IWorkflowEngineRepository>(
            (source, context, provider) => new WorkflowEngineRepository(source, context, provider));
        Add<IOperationalRepository>((source, context, _) => new OperationalRepository(source, context));

        void Add<TRepository>(Func<RelationalDatabase, CollectorContext, IServiceProvider, TRepository> create)
            where TRepository : class =>
            RelationalServices.TryAdd(services, ServiceLifetime.Scoped, database, provider => create(
                RelationalServices.GetDatabase(provider, database), provider.GetRequiredService<CollectorContext>(),
                provider));
    }
}
