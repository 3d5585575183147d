using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Relational;
using Orchestrator.Metrics.Relational.SqlMetrics;

namespace Orchestrator.Metrics;

/// <summary>Adds collectors that run SQL queries.</summary>
public static class SqlMetricsExtensions
{
    /// <summary>
    /// Adds a collector that runs one or more queries and exposes their rows as metric families. The collector reads in
    /// the same way as <see cref="OrchestratorDatabase"/>.
    /// </summary>
    /// <remarks>
    /// If a query fails, <c>Data["Families"]</c> of the exception contains the names of the query's families, separated
    /// by commas. The exception of a run that times out does not contain them; the log names them once the query has
    /// ended with an error.
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="name">The name of the collector in logs, errors and scrape metrics.</param>
    /// <param name="query">
    /// The query. Its columns are found by name. <see cref="SqlMetricsBuilder.AddQuery"/> adds more queries.
    /// </param>
    /// <param name="define">Defines the families and their columns. Called once, immediately.</param>
    /// <param name="configure">
    /// Sets the options of the collector. The names of the families and labels are already declared.
    /// </param>
    /// <param name="database">
    /// The name of the database: the key of its <see cref="System.Data.Common.DbDataSource"/>. Null, the default,
    /// selects the database without a name.
    /// </param>
    /// <exception cref="ArgumentException">
    /// The name or the query is empty, no family is defined, or a family or an option is invalid.
    /// </exception>
    public static OrchestratorMetricsBuilder AddSqlMetrics(
        this OrchestratorMetricsBuilder builder, string name, string query, Action<SqlMetricsBuilder> define,
        Action<CollectorOptions>? configure = null, string? database = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentException.ThrowIfNullOrWhiteSpace(query);
        ArgumentNullException.ThrowIfNull(define);
        var metrics = new SqlMetricsBuilder(query);
        define(metrics);
        metrics.RequireFamilies(nameof(define));
        RelationalServices.AddDatabase(builder.Services, database);
        var source = new SqlMetricsSource(metrics.Queries);
        var families = metrics.Queries.SelectMany(metricsQuery => metricsQuery.Families).ToArray();
        return builder.AddCollector(
            name,
            (services, cancellationToken) => source.CollectAsync(
                RelationalServices.GetDatabase(services, database), services.GetRequiredService<CollectorContext>(),
                cancellationToken),
            options =>
            {
                options.Shared = true;
                options.FamilyNames = [.. families.Select(SqlMetricFamilyRules.GetFamilyName).Distinct()];
                options.SharedVersion = string.Join('\0', metrics.Queries.Select(SqlMetricFamilyRules.Describe));
                options.LabelNames = [.. families.SelectMany(SqlMetricFamilyRules.GetLabelNames).Distinct()];
                configure?.Invoke(options);
            });
    }
}
