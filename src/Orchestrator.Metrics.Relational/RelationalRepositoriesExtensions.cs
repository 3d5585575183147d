using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics;

/// <summary>Adds repositories over the database of an orchestrator-core.</summary>
public static class RelationalRepositoriesExtensions
{
    /// <summary>
    /// Registers all three repositories over the host's <see cref="DbDataSource"/>. One that the host has registered
    /// itself stays. May be called again: the options of all calls apply, in their order, and a data source that
    /// another call gave stays.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Sets options.</param>
    public static OrchestratorMetricsBuilder AddRelationalRepositories(
        this OrchestratorMetricsBuilder builder, Action<RelationalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (configure is not null)
            builder.Services.Configure(configure);
        builder.Services.AddOptions();
        builder.Services.TryAddSingleton(services => services.GetRequiredService<IOptions<RelationalOptions>>().Value);
        builder.Services.TryAddSingleton(services => new RelationalDatabase(
            DataSource(services), services.GetRequiredService<RelationalOptions>(),
            services.GetService<ILogger<RelationalDatabase>>() ?? NullLogger<RelationalDatabase>.Instance));
        builder.Services.TryAddScoped<ISubscriptionRepository, SubscriptionRepository>();
        builder.Services.TryAddScoped<IProcessRepository, ProcessRepository>();
        builder.Services.TryAddScoped<IWorkflowEngineRepository, WorkflowEngineRepository>();
        return builder;
    }

    /// <summary>
    /// Registers all three repositories over a data source. May be called again: the options of all calls apply, in
    /// their order, and the last data source.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="dataSource">The data source. It stays the caller's to dispose.</param>
    /// <param name="configure">Sets options.</param>
    public static OrchestratorMetricsBuilder AddRelationalRepositories(
        this OrchestratorMetricsBuilder builder, DbDataSource dataSource, Action<RelationalOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(dataSource);
        builder.Services.AddSingleton(new GivenDataSource(dataSource));
        return builder.AddRelationalRepositories(configure);
    }

    private static DbDataSource DataSource(IServiceProvider services) =>
        services.GetService<GivenDataSource>()?.Value ?? services.GetService<DbDataSource>()
        ?? throw new InvalidOperationException(
            "AddRelationalRepositories() needs a DbDataSource and the host has none. Register one, for example " +
            "services.AddSingleton<DbDataSource>(NpgsqlDataSource.Create(connectionString)), or give it: " +
            "AddRelationalRepositories(dataSource).");

    private sealed record GivenDataSource(DbDataSource Value);
}
