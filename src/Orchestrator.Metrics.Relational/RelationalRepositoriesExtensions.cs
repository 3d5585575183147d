using System.Data.Common;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Relational;
using Orchestrator.Metrics.Relational.Repositories;

namespace Orchestrator.Metrics;

/// <summary>Registers repositories that read the database of an orchestrator-core.</summary>
public static class RelationalRepositoriesExtensions
{
    /// <summary>
    /// Registers the three repositories of the default collectors. They read from the registered
    /// <see cref="DbDataSource"/>. Repositories that the host registers take precedence.
    /// </summary>
    /// <remarks>
    /// Repeated calls apply all options, in order. A data source given by another call takes precedence over the
    /// registered one.
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The builder.</returns>
    public static OrchestratorMetricsBuilder AddRelationalRepositories(
        this OrchestratorMetricsBuilder builder, Action<RelationalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (configure is not null)
            builder.Services.Configure(configure);
        builder.Services.AddOptions<RelationalOptions>().ValidateOnStart();
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<
            IPostConfigureOptions<RelationalOptions>, RelationalOptionsBinding>(
            services => new RelationalOptionsBinding(services.GetService<IConfiguration>())));
        builder.Services.TryAddSingleton(services => services.GetRequiredService<IOptions<RelationalOptions>>().Value);
        builder.Services.TryAddSingleton(services => new RelationalDatabase(
            GetDataSource(services), services.GetRequiredService<RelationalOptions>(),
            services.GetService<ILogger<RelationalDatabase>>() ?? NullLogger<RelationalDatabase>.Instance));
        builder.Services.TryAddScoped<ISubscriptionRepository, SubscriptionRepository>();
        builder.Services.TryAddScoped<IProcessRepository, ProcessRepository>();
        builder.Services.TryAddScoped<IWorkflowEngineRepository, WorkflowEngineRepository>();
        return builder;
    }

    /// <summary>
    /// Registers the three repositories of the default collectors. They read from the given data source. Repositories
    /// that the host registers take precedence.
    /// </summary>
    /// <remarks>Repeated calls apply all options, in order, and use the last data source.</remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="dataSource">The data source. The caller disposes it.</param>
    /// <param name="configure">Sets options.</param>
    /// <returns>The builder.</returns>
    public static OrchestratorMetricsBuilder AddRelationalRepositories(
        this OrchestratorMetricsBuilder builder, DbDataSource dataSource, Action<RelationalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dataSource);
        builder.Services.AddSingleton(new GivenDataSource(dataSource));
        return builder.AddRelationalRepositories(configure);
    }

    private static DbDataSource GetDataSource(IServiceProvider services) =>
        services.GetService<GivenDataSource>()?.Value ?? services.GetService<DbDataSource>()
        ?? throw new InvalidOperationException(
            "AddRelationalRepositories() needs a DbDataSource, but none is registered. Register one, for example " +
            "services.AddSingleton<DbDataSource>(NpgsqlDataSource.Create(connectionString)), or pass one: " +
            "AddRelationalRepositories(dataSource).");

    private sealed record GivenDataSource(DbDataSource Value);
}
