using System.Data.Common;
using Orchestrator.Metrics.Exporter.CollectorFiles;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Database;
using Orchestrator.Metrics.Exporter.Sources;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Hosting;

internal static partial class ExporterCollectors
{
    public static void Add(IServiceCollection services, ExporterOptions options, ILoggerFactory loggers)
    {
        var metrics = services.AddOrchestratorMetrics(
            registry => registry.DefaultCollectors = options.DefaultCollectors);
        var errors = new ConfigurationErrors();
        errors.Try(() => AddDatabase(metrics, options, loggers));
        Add("collector_files", errors, () => SqlCollectors.Add(metrics, options.SqlCollectors));
        Add("sources", errors, () => MetricSources.Add(metrics, options.Sources));
        Add("collectors", errors, () => AddPackages(metrics, options));
        if (options.Redis is { } redis)
            errors.Try(() => AddRedis(metrics, redis, options.RedisKeySuffix));
        errors.ThrowIfAny();
        if (options.Mode != RunMode.Serve)
            SingleRun.Apply(services, options);
        if (options.Mode != RunMode.Once && options.TextFilePath is { } path)
            metrics.WriteTextFile(path, options.TextFileInterval);
        IgnoreDisabledCollectors(options);
        var logger = loggers.CreateLogger(typeof(ExporterCollectors).FullName!);
        foreach (var warning in options.Warnings)
            LogWarning(logger, warning);
    }

    private static void Add(string key, ConfigurationErrors errors, Action add)
    {
        try
        {
            add();
        }
        catch (InvalidOperationException exception)
        {
            // The name of the collector or of one of its families is already in use.
            errors.Add($"{key}: {SettingNames.Translate(exception.Message)}");
        }
    }

    private static void AddPackages(OrchestratorMetricsBuilder metrics, ExporterOptions options)
    {
        if (options.OperationalMetrics)
            metrics.AddOperationalMetrics();
        if (options.UsesOrchestratorApi)
            metrics.AddOrchestratorApi();
        if (options.IsOn(ExporterOptions.BuildInfoCollector))
            metrics.AddBuildInfo(ExporterOptions.BuildInfoPrefix);
        if (options.IsOn(ExporterOptions.LastReloadPrefix))
            new ReloadStatus().AddTo(metrics);
    }

    private static void AddDatabase(
        OrchestratorMetricsBuilder metrics, ExporterOptions options, ILoggerFactory loggers)
    {
        if (options.Database is not null)
        {
            OrchestratorDataSource Create() => new(() => ConnectionText.Read(options), loggers);

            // This instance only reports errors. The container creates and disposes the instance that is used.
            Create().Dispose();
            metrics.Services.AddSingleton<DbDataSource>(
                _ => options.Mode == RunMode.Check ? new FirstLogin(Create()) : Create());
            metrics.AddRelationalRepositories(relational => relational.Dialect = SqlDialect.PostgreSql);
        }
        else if (options.CollectorsFromDatabase != DefaultCollectors.None || options.OperationalMetrics
            || options.SqlCollectors.Count > 0)
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
        var configuration = secret.Read();
        if (Registration.Register(metrics, builder => builder.ShareResultsInRedis(configuration, keySuffix))
            is { } error)
            throw secret.CreateError(error);
    }

    /// <summary>Removes the settings of unregistered collectors, because the registry would reject them.</summary>
    private static void IgnoreDisabledCollectors(ExporterOptions options)
    {
        string[] disabled =
        [
            .. SettingTable.PackageCollectors.Where(known => !options.IsOn(known.Key))
                .Select(known => known.Value.Name),
            .. SettingTable.OwnCollectors.Where(collector => !options.IsOn(collector)),
        ];
        foreach (var key in options.Packages.Keys.Where(
            key => disabled.Any(name => key.Contains($":{name}:", StringComparison.Ordinal))).ToArray())
            options.Packages.Remove(key);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Warning}")]
    private static partial void LogWarning(ILogger logger, string warning);
}
