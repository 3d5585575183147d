using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Metrics.Logging;
using Orchestrator.Metrics.Redis;
using StackExchange.Redis;

namespace Orchestrator.Metrics;

/// <summary>Shares the results of collectors between the replicas of an application, in Redis.</summary>
public static class RedisExtensions
{
    /// <summary>
    /// Shares the results of collectors that set <see cref="CollectorOptions.Shared"/> and
    /// <see cref="CollectorOptions.CacheFor"/> or <see cref="CollectorOptions.RefreshEvery"/>. One replica runs the
    /// collector, and the others read its result. If Redis is unavailable, each replica runs its collectors as if this
    /// method had not been called.
    /// </summary>
    /// <remarks>
    /// Redis contains the families with all label values, except those of <see cref="CollectorOptions.DropLabels"/>.
    /// For diagnostics, the overload with a configuration also registers the parsed configuration as a service: a
    /// <see cref="ConfigurationOptions"/> with the key <c>typeof(ICollectorResultStore)</c>.
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="configuration">
    /// The configuration of a dedicated connection, in the format of StackExchange.Redis: for example
    /// <c>localhost:6379</c>, or <c>redis.internal:6380,ssl=true,password=...</c>. A URL is invalid. Each server after
    /// the first needs a port. The default of <c>connectTimeout</c> is 750 ms, and that of <c>connectRetry</c> is 1.
    /// </param>
    /// <param name="keySuffix">
    /// The suffix of all keys. Replicas share results only if their suffixes are equal. Applications with the same name
    /// and environment but different databases need different suffixes. Empty by default. If versions of the
    /// application collect different data in a collector of the same name, set its
    /// <see cref="CollectorOptions.SharedVersion"/>.
    /// </param>
    /// <exception cref="ArgumentException">The configuration is invalid.</exception>
    public static OrchestratorMetricsBuilder ShareResultsInRedis(
        this OrchestratorMetricsBuilder builder, string configuration, string keySuffix = "") =>
        ShareResultsInRedis(builder, configuration, keySuffix, RedisConnection.DefaultCommandTimeout);

    internal static OrchestratorMetricsBuilder ShareResultsInRedis(
        OrchestratorMetricsBuilder builder, string configuration, string keySuffix, TimeSpan commandTimeout)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrWhiteSpace(configuration);
        ArgumentNullException.ThrowIfNull(keySuffix);
        var options = RedisConfiguration.Parse(configuration, commandTimeout);

        // Commands fail at once while there is no connection.
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ReconnectRetryPolicy = new LinearRetry((int)RedisConnection.ProbeInterval.TotalMilliseconds);
        builder.Services.AddKeyedSingleton<ConfigurationOptions>(typeof(ICollectorResultStore), options.Clone());
        var servers = new ConfigurationOptions { EndPoints = options.EndPoints }.ToString();
        return Add(
            builder, keySuffix, isOwned: true, commandTimeout, servers,
            async _ => await ConnectionMultiplexer.ConnectAsync(options).ConfigureAwait(false));
    }

    /// <inheritdoc cref="ShareResultsInRedis(OrchestratorMetricsBuilder, string, string)"
    /// path="//summary|//remarks"/>
    /// <param name="builder">The builder.</param>
    /// <param name="connection">
    /// Returns a connection of the host, which is not disposed. Called in the background when the connection is first
    /// needed, and again after an exception. <see cref="BacklogPolicy.FailFast"/> is recommended; without this policy,
    /// the first scrape of an outage waits for up to a second.
    /// </param>
    /// <param name="keySuffix">The suffix of all keys.</param>
    public static OrchestratorMetricsBuilder ShareResultsInRedis(
        this OrchestratorMetricsBuilder builder, Func<IServiceProvider, IConnectionMultiplexer> connection,
        string keySuffix = "")
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(keySuffix);
        return Add(
            builder, keySuffix, isOwned: false, RedisConnection.DefaultCommandTimeout, servers: null,
            services => Task.Run(() => connection(services)));
    }

    private static OrchestratorMetricsBuilder Add(
        OrchestratorMetricsBuilder builder, string keySuffix, bool isOwned, TimeSpan commandTimeout, string? servers,
        Func<IServiceProvider, Task<IConnectionMultiplexer>> connect)
    {
        builder.Services.AddSingleton<ICollectorResultStore>(services =>
        {
            var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
            var logger = services.GetService<ILogger<OrchestratorMetricsRegistry>>() ?? (ILogger)NullLogger.Instance;
            var log = new RedisLog(new SafeLogger(logger), servers);
            return new RedisResultStore(
                new RedisConnection(() => connect(services), isOwned, commandTimeout, time, log), time, log,
                GetKeyPrefix(services.GetService<IHostEnvironment>()), keySuffix);
        });
        return builder;
    }

    private static string GetKeyPrefix(IHostEnvironment? environment)
    {
        var library = typeof(OrchestratorMetricsRegistry).Assembly;
        var version = library.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        var application = environment is null
            ? Assembly.GetEntryAssembly()?.GetName().Name
            : $"{environment.ApplicationName}:{environment.EnvironmentName}";
        return $"orchestrator-metrics:{application}:{version?.Split('+')[0]}";
    }
}
