using System.Data.Common;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>
/// The collectors of one configuration, and the request pipeline that serves them. A reload creates another host,
/// behind the same web server.
/// </summary>
internal sealed class MetricsHost(IHost host, RequestDelegate pipeline) : IAsyncDisposable
{
    // Longer than the timeout of most scrapes.
    private static readonly TimeSpan RetireTimeout = TimeSpan.FromSeconds(30);

    private readonly RequestCount _requests = new();

    public IServiceProvider Services => host.Services;

    // Null if the configuration contains no database.
    public DbDataSource? Database => Services.GetService<DbDataSource>();

    public OrchestratorMetricsRegistry Registry => Services.GetRequiredService<OrchestratorMetricsRegistry>();

    /// <summary>Creates a host, but neither starts a service nor connects to the database.</summary>
    /// <exception cref="ConfigurationException">The configuration is invalid.</exception>
    public static MetricsHost Create(ExporterOptions options, ILoggerFactory loggers)
    {
        IHost? host = null;
        try
        {
            host = Build(options, loggers);
            host.Services.GetRequiredService<IStartupValidator>().Validate();
            return new MetricsHost(host, BuildPipeline(host.Services, options));
        }
        catch (Exception exception)
        {
            host?.Dispose();
            if (FindInvalidOptions(exception) is { Length: > 0 } invalid)
                throw new ConfigurationException(
                [
                    .. invalid.SelectMany(each => each.Failures)
                        .Select(failure => SettingNames.TranslateError(failure, options.Positions)),
                ]);
            throw;
        }
    }

    /// <summary>
    /// Collects once, so that the first scrape finds data, and the landing page shows the status of the collectors. The
    /// registry logs failures.
    /// </summary>
    public async Task CollectOnceAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Registry.CollectAsync(cancellationToken: cancellationToken);
        }
        catch (MetricsCollectionException)
        {
            // The next scrape tries again, and reports a failure.
        }
    }

    /// <summary>Handles a request. Returns null once the host is drained, stopped or disposed.</summary>
    public Task? TryHandle(HttpContext context) => _requests.TryEnter() ? HandleAsync(context) : null;

    /// <summary>Ends scrapes in flight with 503, and signals the collectors to stop.</summary>
    public void BeginStop() => Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();

    /// <summary>Starts the text file writer and the background refreshes.</summary>
    public Task StartServicesAsync() => host.StartAsync();

    /// <summary>
    /// Stops the text file writer, so that the next host can write the file. Waits for a write in flight, which is
    /// cancelled, but no longer than <see cref="RetireTimeout"/>.
    /// </summary>
    public async Task StopTextFileAsync(CancellationToken cancellationToken)
    {
        // StopAsync would write the file once more.
        BackgroundService[] writers = [.. Services.GetServices<IHostedService>().OfType<BackgroundService>()];
        foreach (var writer in writers)
            writer.Dispose();
        await Task.WhenAll(writers.Select(writer => writer.ExecuteTask).OfType<Task>())
            .WaitAsync(RetireTimeout, TimeProvider.System, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>
    /// Admits no more requests. Waits for those in flight, but no longer than <see cref="RetireTimeout"/>.
    /// </summary>
    public async Task DrainAsync(CancellationToken cancellationToken) =>
        await _requests.Close().WaitAsync(RetireTimeout, TimeProvider.System, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <summary>Waits for requests in flight, then stops the collectors and writes the text file once more.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _requests.Close().WaitAsync(cancellationToken);
        await host.StopAsync(cancellationToken);
    }

    /// <summary>Ends requests in flight with 503, cancels the collectors, and disposes their services.</summary>
    public async ValueTask DisposeAsync()
    {
        var none = _requests.Close();
        BeginStop();
        await none;
        await ((IAsyncDisposable)host).DisposeAsync();
    }

    private async Task HandleAsync(HttpContext context)
    {
        try
        {
            await pipeline(context);
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
    private static OptionsValidationException[] FindInvalidOptions(Exception exception) => exception switch
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

    /// <summary>Handles no signals, because the program handles them.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
