using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>
/// The collectors of one configuration, and the pipeline that answers requests with them. A reload creates another one,
/// behind the same web server.
/// </summary>
internal sealed class MetricsHost : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly RequestDelegate _pipeline;
    private readonly RequestCount _requests = new();

    private MetricsHost(IHost host, RequestDelegate pipeline) => (_host, _pipeline) = (host, pipeline);

    public IServiceProvider Services => _host.Services;

    public OrchestratorMetricsRegistry Registry => Services.GetRequiredService<OrchestratorMetricsRegistry>();

    /// <summary>Creates the host and starts its background refreshes. Does not wait for the database.</summary>
    /// <exception cref="ConfigurationException">The configuration is invalid.</exception>
    public static async Task<MetricsHost> StartAsync(
        ExporterOptions options, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        IHost? host = null;
        try
        {
            host = Build(options, loggers);
            var pipeline = BuildPipeline(host.Services, options);
            await host.StartAsync(cancellationToken);
            return new MetricsHost(host, pipeline);
        }
        catch (Exception exception)
        {
            host?.Dispose();
            if (Invalid(exception) is { Length: > 0 } invalid)
                throw new ConfigurationException(
                    [.. invalid.SelectMany(each => each.Failures).Select(SettingNames.Translate)]);

            // The text file is the only one that is opened here.
            if (exception is IOException or UnauthorizedAccessException)
                throw new ConfigurationException([$"text_file.path: {exception.Message}"]);
            throw;
        }
    }

    /// <summary>
    /// Collects once, so that scrapes find data and the landing page finds the status of the collectors. Failures are
    /// logged by the registry.
    /// </summary>
    public async Task CollectOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Registry.CollectAsync(cancellationToken: cancellationToken);
        }
        catch (MetricsCollectionException)
        {
            // The next scrape tries again, and reports it.
        }
    }

    /// <summary>Answers a request. Returns null if the host is retiring, and another one has replaced it.</summary>
    public Task? TryHandle(HttpContext context) => _requests.TryEnter() ? HandleAsync(context) : null;

    /// <summary>Ends scrapes in flight with 503, and lets the collectors stop.</summary>
    public void BeginStop() => _host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

    /// <summary>Waits for requests in flight, then stops the collectors and writes the text file once more.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _requests.Close().WaitAsync(cancellationToken);
        await _host.StopAsync(cancellationToken);
    }

    /// <summary>
    /// Ends the background work, because another host has replaced this one; in particular, the text file is not written
    /// again. Waits for requests in flight, cancels those that take too long, and disposes the host.
    /// </summary>
    public async Task RetireAsync(TimeSpan timeout, CancellationToken cancellationToken)
    {
        foreach (var service in _host.Services.GetServices<IHostedService>().OfType<BackgroundService>())
            service.Dispose();
        var none = _requests.Close();
        try
        {
            await none.WaitAsync(timeout, TimeProvider.System, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            BeginStop();
            await none;
        }

        BeginStop();
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_host is IAsyncDisposable host)
            await host.DisposeAsync();
        else
            _host.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            await _pipeline(context);
        }
        finally
        {
            _requests.Leave();
        }
    }

    private static IHost Build(ExporterOptions options, ILoggerFactory loggers)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings
        {
            ApplicationName = Product.Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(loggers);
        builder.Services.Configure<MetricsEndpointOptions>(endpoint => endpoint.EnableEndpoint = true);
        ExporterCollectors.Add(builder.Services, options, loggers);
        builder.Configuration.AddInMemoryCollection(options.Packages);
        return builder.Build();
    }

    // The host reports invalid options of several types as one exception.
    private static OptionsValidationException[] Invalid(Exception exception) => exception switch
    {
        OptionsValidationException invalid => [invalid],
        AggregateException all when all.InnerExceptions.All(inner => inner is OptionsValidationException) =>
            [.. all.InnerExceptions.Cast<OptionsValidationException>()],
        _ => [],
    };

    private static RequestDelegate BuildPipeline(IServiceProvider services, ExporterOptions options)
    {
        var app = new ApplicationBuilder(services);
        foreach (var path in options.TelemetryPaths)
            app.UseOrchestratorMetrics(path);
        var page = new LandingPage(services.GetRequiredService<OrchestratorMetricsRegistry>(), options.TelemetryPaths);
        app.Run(page.HandleAsync);
        return app.Build();
    }

    /// <summary>The program handles signals; the default lifetime of a host would too.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
