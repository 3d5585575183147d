using System.Data.Common;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.Relational;

/// <summary>
/// Registers and resolves the services of one database. The services of a named database are keyed, and its options are
/// named.
/// </summary>
internal static class RelationalServices
{
    public static void AddDatabase(
        IServiceCollection services, string? name, Action<RelationalOptions>? configure = null)
    {
        if (name is not null)
            ArgumentException.ThrowIfNullOrWhiteSpace(name);
        var options = services.AddOptions<RelationalOptions>(GetOptionsName(name)).ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        if (!services.Any(
            service => service.ServiceType == typeof(RelationalDatabase) && Equals(service.ServiceKey, name)))
            options.Validate<IServiceProvider>(
                (_, provider) => HasDataSource(provider, name), DescribeMissingDataSource(name));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<
            IPostConfigureOptions<RelationalOptions>, RelationalOptionsBinding>(
            provider => new RelationalOptionsBinding(
                provider.GetService<IConfiguration>(), provider.GetServices<RegisteredDatabase>())));
        services.AddSingleton(new RegisteredDatabase(name));
        TryAdd(services, ServiceLifetime.Singleton, name, provider => new RelationalDatabase(
            GetDataSource(provider, name),
            provider.GetRequiredService<IOptionsMonitor<RelationalOptions>>().Get(GetOptionsName(name)),
            provider.GetService<ILogger<RelationalDatabase>>() ?? NullLogger<RelationalDatabase>.Instance));
        TryAdd(services, ServiceLifetime.Scoped, name, provider => new OrchestratorDatabase(
            GetDatabase(provider, name), provider.GetRequiredService<CollectorContext>()));
    }

    public static void TryAdd<T>(
        IServiceCollection services, ServiceLifetime lifetime, string? database, Func<IServiceProvider, T> create)
        where T : class =>
        services.TryAdd(database is null
            ? new ServiceDescriptor(typeof(T), create, lifetime)
            : new ServiceDescriptor(typeof(T), database, (provider, _) => create(provider), lifetime));

    public static RelationalDatabase GetDatabase(IServiceProvider services, string? name) => name is null
        ? services.GetRequiredService<RelationalDatabase>()
        : services.GetRequiredKeyedService<RelationalDatabase>(name);

    private static string GetOptionsName(string? database) => database ?? Options.DefaultName;

    private static DbDataSource GetDataSource(IServiceProvider services, string? database) =>
        (database is null
            ? services.GetService<GivenDataSource>()?.Value ?? services.GetService<DbDataSource>()
            : services.GetKeyedService<DbDataSource>(database))
        ?? throw new InvalidOperationException(DescribeMissingDataSource(database));

    // True if the container does not report its services. A missing data source then fails the first scrape.
    private static bool HasDataSource(IServiceProvider services, string? database) => database is null
        ? services.GetService<IServiceProviderIsService>() is not { } known
            || known.IsService(typeof(GivenDataSource)) || known.IsService(typeof(DbDataSource))
        : services.GetService<IServiceProviderIsKeyedService>() is not { } keyed
            || keyed.IsKeyedService(typeof(DbDataSource), database);

    private static string DescribeMissingDataSource(string? database) => database is null
        ? "The database needs a DbDataSource, but none is registered. Register one, for example " +
            "services.AddSingleton<DbDataSource>(NpgsqlDataSource.Create(connectionString)), or pass one: " +
            "AddRelationalRepositories(dataSource)."
        : $"Database '{database}' needs a DbDataSource, but none is registered with this key. Register one, for " +
            $"example services.AddKeyedSingleton<DbDataSource>(\"{database}\", (_, _) => " +
            "NpgsqlDataSource.Create(connectionString)).";

    /// <summary>The data source that the host passed. It takes precedence over the registered one.</summary>
    internal sealed record GivenDataSource(DbDataSource Value);

    /// <summary>A database, whose configuration section depends on its name.</summary>
    internal sealed record RegisteredDatabase(string? Name);
}
