using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Orchestrator.Metrics;

/// <summary>Adds repositories over the database of an orchestrator-core.</summary>
public static class RelationalRepositoriesExtensions
{
    /// <summary>
    /// Registers all three repositories over the host's <see cref="DbDataSource"/>. One that the host has registered
    /// itself stays.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets options.</param>
    public static OrchestratorMetricsBuilder AddRelationalRepositories(
        this OrchestratorMetricsBuilder builder, Action<RelationalOptions>? configure = null) =>
        Add(builder, services => services.GetService<DbDataSource>() ?? throw new InvalidOperationException(
            "AddRelationalRepositories() needs a DbDataSource and the host has none. Register one, for example " +
            "services.AddSingleton<DbDataSource>(NpgsqlDataSource.Create(connectionString)), or give it: " +
            "AddRelationalRepositories(dataSource)."), configure);

    /// <summary>Registers all three repositories over a data source.</summary>
    /// <param name="builder">The builder.</param>
    /// <param name="dataSource">The data source. It stays the caller's to dispose.</param>
    /// <param name="configure">Sets options.</param>
    public static OrchestratorMetricsBuilder AddRelationalRepositories(
        this OrchestratorMetricsBuilder builder, DbDataSource dataSource, Action<RelationalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        return Add(builder, _ => dataSource, configure);
    }

    private static OrchestratorMetricsBuilder Add(
        OrchestratorMetricsBuilder builder, Func<IServiceProvider, DbDataSource> dataSource,
        Action<RelationalOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new RelationalOptions();
        configure?.Invoke(options);
        builder.Services.TryAddSingleton(services => new RelationalDatabase(
            dataSource(services), options,
            services.GetService<ILogger<RelationalDatabase>>() ?? NullLogger<RelationalDatabase>.Instance));
        builder.Services.TryAddSingleton(options);
        builder.Services.TryAddScoped<ISubscriptionRepository, SubscriptionRepository>();
        builder.Services.TryAddScoped<IProcessRepository, ProcessRepository>();
        builder.Services.TryAddScoped<IWorkflowEngineRepository, WorkflowEngineRepository>();
        return builder;
    }
}
