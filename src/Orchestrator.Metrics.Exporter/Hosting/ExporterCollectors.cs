using System.Data.Common;
using Orchestrator.Metrics.Exporter.Checks;
using Orchestrator.Metrics.Exporter.CollectorFiles;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Database;
using Orchestrator.Metrics.Exporter.Sources;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>Registers everything that the configuration turns on.</summary>
internal static class ExporterCollectors
{
    private const string BuildInfoPrefix = "wfo_exporter";

    // As that of the processes, whose table it reads.
    private static readonly TimeSpan OperationalRefresh = TimeSpan.FromMinutes(1);

    /// <exception cref="ConfigurationException">The configuration is invalid.</exception>
    public static void Add(IServiceCollection services, ExporterOptions options, ILoggerFactory loggers)
    {
        var metrics = services.AddOrchestratorMetrics(
            registry => registry.DefaultCollectors = options.DefaultCollectors);
        var sqlCollectors = SqlCollectors.Read(options.CollectorFiles, options.Folder, options.FileErrors);
        var sources = SourceReader.Read(options.Sources, options.Folder);
        options.FileErrors.ThrowIfAny();
        AddDatabase(metrics, options, loggers, isNeeded:
            options.CollectorsFromDatabase != DefaultCollectors.None || sqlCollectors.Count > 0 || options.OperationalMetrics);
        AddFromFile("collector_files", () => SqlCollectors.Add(metrics, sqlCollectors));
        AddFromFile("sources", () => MetricSources.Add(metrics, sources));

        if (options.OperationalMetrics)
            metrics.AddOperationalMetrics(configureCollector: collector => collector.RefreshEvery = OperationalRefresh);
        if (options.UsesOrchestratorApi)
            metrics.AddOrchestratorApi();
        if (options.BuildInfo)
            metrics.AddBuildInfo(BuildInfoPrefix);
        if (options.Redis is { } redis)
            AddRedis(metrics, redis, options.RedisKeySuffix);
        if (options.Mode != RunMode.Serve)
            SingleRun.Apply(services, options);
        else if (options.TextFilePath is { } path)
            metrics.WriteTextFile(path, options.TextFileInterval);
        RequireKnownNames(services, options);
        IgnoreDisabledCollectors(options);
    }

    private static void AddFromFile(string key, Action add)
    {
        try
        {
            add();
        }
        catch (InvalidOperationException exception)
        {
            // The collector or one of its families has the name of another.
            throw new ConfigurationException([$"{key}: {exception.Message}"]);
        }
    }

    private static void AddDatabase(
        OrchestratorMetricsBuilder metrics, ExporterOptions options, ILoggerFactory loggers, bool isNeeded)
    {
        if (options.Database is { } secret)
        {
            var database = new DatabaseSecret(
                secret, options.DatabaseIsUri, options.DatabaseMaxConnections, options.Environment);
            var source = new OrchestratorDataSource(database.ReadConnectionString, loggers);

            // A factory, so that the container disposes it.
            metrics.Services.AddSingleton<DbDataSource>(_ => source);
            metrics.AddRelationalRepositories(relational => relational.Dialect = SqlDialect.PostgreSql);
        }
        else if (isNeeded)
        {
            throw new ConfigurationException(
            [
                "DATABASE_URI is not set. Set it to the database of orchestrator-core, such as " +
                "postgresql+psycopg://user:password@host:5432/orchestrator-core.",
            ]);
        }
    }

    private static void AddRedis(OrchestratorMetricsBuilder metrics, Secret secret, string keySuffix)
    {
        try
        {
            metrics.ShareResultsInRedis(secret.Read(), keySuffix);
        }
        catch (ArgumentException)
        {
            // Not its message, which may contain the password.
            throw secret.Error("It is not a configuration of Redis. Write it like redis.example.org:6379,password=...");
        }
    }

    private static void RequireKnownNames(IServiceCollection services, ExporterOptions options)
    {
        var defaults = SettingTable.DefaultCollectorNames;
        string[] known =
        [
            .. defaults.Keys,
            .. services.Where(service => !service.IsKeyedService).Select(service => service.ImplementationInstance)
                .OfType<CollectorRegistration>().Select(collector => collector.Name),
        ];
        foreach (var (name, addError) in options.CollectorsInFile)
        {
            if (!known.Contains(name))
                addError($"There is no collector '{name}'. " + (Suggestion.Find(name, known) is { } suggestion
                    ? $"Did you mean '{suggestion}'?"
                    : $"Collectors: {string.Join(", ", known)}."));
        }

        options.FileErrors.ThrowIfAny();
    }

    /// <summary>Removes the settings of collectors that are off, which the registry does not know.</summary>
    private static void IgnoreDisabledCollectors(ExporterOptions options)
    {
        foreach (var (name, flag) in SettingTable.DefaultCollectorNames.Values)
        {
            if (options.DefaultCollectors.HasFlag(flag))
                continue;
            foreach (var key in options.Packages.Keys.Where(
                key => key.Contains($":{name}:", StringComparison.Ordinal)).ToArray())
                options.Packages.Remove(key);
        }
    }
}
