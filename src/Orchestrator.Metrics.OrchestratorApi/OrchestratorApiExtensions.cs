using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Logging;
using Orchestrator.Metrics.OrchestratorApi;

namespace Orchestrator.Metrics;

/// <summary>Adds metrics from the REST API of a running orchestrator-core.</summary>
public static class OrchestratorApiExtensions
{
    /// <summary>
    /// Reads the engine status and the number of running processes from the REST API of a running orchestrator-core,
    /// and adds the families <c>wfo_workers</c> and <c>wfo_worker_jobs</c>.
    /// </summary>
    /// <remarks>
    /// <para>
    /// Registers an <see cref="IWorkflowEngineRepository"/> that takes precedence over the one that
    /// <c>AddRelationalRepositories</c> registers, regardless of the order of the two calls. A repository that the host
    /// registers afterwards takes precedence over both.
    /// </para>
    /// <para>
    /// Both collectors, <c>WorkflowEngineCollector</c> and <c>OrchestratorWorkerCollector</c>, run in the background at
    /// the interval <see cref="OrchestratorApiOptions.RefreshEvery"/>, with a timeout of 10 seconds unless one is set.
    /// Scrapes do not wait for the API: the collectors fail until the first response, and when the last response is too
    /// old. Only the configuration can set their <see cref="CollectorOptions.RefreshEvery"/>,
    /// <see cref="CollectorOptions.CacheFor"/>, <see cref="CollectorOptions.ServeStaleFor"/>,
    /// <see cref="CollectorOptions.MaxRefreshShare"/> and <see cref="CollectorOptions.WaitForFirstResult"/>; values set
    /// in code have no effect. If <see cref="OrchestratorMetricsOptions.MaxConcurrentCollectors"/> is set, each of the
    /// two requests occupies one of its slots.
    /// </para>
    /// <para>
    /// The host does not start (<see cref="OptionsValidationException"/>) if an option is invalid. Requests use the
    /// named client <c>Orchestrator.Metrics.OrchestratorApi</c> of <see cref="IHttpClientFactory"/>, which the host can
    /// configure further, for example to trust a certificate authority. Resilience handlers that the host sets for all
    /// clients are not used.
    /// </para>
    /// </remarks>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">
    /// Sets options. The configuration section <c>OrchestratorMetrics:OrchestratorApi</c> overrides them.
    /// </param>
    /// <exception cref="InvalidOperationException">The method has already been called.</exception>
    public static OrchestratorMetricsBuilder AddOrchestratorApi(
        this OrchestratorMetricsBuilder builder, Action<OrchestratorApiOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddCollector(
            services => new OrchestratorWorkerCollector(services.GetRequiredService<ApiClient>()),
            options =>
            {
                options.FamilyNames = OrchestratorWorkerCollector.FamilyNames;
                options.LabelNames = OrchestratorWorkerCollector.LabelNames;
                options.Shared = true;
            });
        var services = builder.Services;
        services.AddScoped<IWorkflowEngineRepository>(
            provider => new WorkflowEngineRepository(provider.GetRequiredService<ApiClient>()));

        // The host may change the name of the collector, so its options are recognized by this call.
        CollectorOptions? engine = null;
        builder.ConfigureDefaultCollectors(DefaultCollectors.WorkflowEngine, options => engine = options);
        services.AddSingleton<IPostConfigureOptions<CollectorOptions>>(provider => new ApiCollectorDefaults(
            provider.GetRequiredService<IOptions<OrchestratorApiOptions>>(), options => options == engine));
        AddOptions(services, configure);
        services.AddHttpClient(ApiClient.Name)
            .RemoveAllLoggers()
            .UseSocketsHttpHandler((handler, _) => (handler.AllowAutoRedirect, handler.UseCookies) = (false, false))
            .ConfigureAdditionalHttpMessageHandlers(RemoveResilience)
            .AddResilienceHandler("retry", Retries.Add);
        services.AddSingleton(provider => new ApiClient(
            provider.GetRequiredService<IHttpClientFactory>(),
            provider.GetRequiredService<IOptions<OrchestratorApiOptions>>().Value,
            provider.GetService<TimeProvider>() ?? TimeProvider.System,
            new ApiLog(new SafeLogger(
                provider.GetService<ILogger<OrchestratorMetricsRegistry>>() ?? (ILogger)NullLogger.Instance))));
        return builder;
    }

    // The host's handlers would retry a 500 until the collector times out, which would hide the status.
    // RemoveAllResilienceHandlers is experimental.
    private static void RemoveResilience(IList<DelegatingHandler> handlers, IServiceProvider provider)
    {
        foreach (var handler in handlers.OfType<ResilienceHandler>().ToArray())
            handlers.Remove(handler);
    }

    private static void AddOptions(IServiceCollection services, Action<OrchestratorApiOptions>? configure)
    {
        var options = services.AddOptions<OrchestratorApiOptions>().ValidateOnStart();
        if (configure is not null)
            options.Configure(configure);
        services.AddSingleton<IPostConfigureOptions<OrchestratorApiOptions>>(
            provider => new OrchestratorApiOptionsBinding(provider.GetService<IConfiguration>()));
        services.AddSingleton<IValidateOptions<OrchestratorApiOptions>>(new OrchestratorApiOptionsValidator());
    }
}
