using System.Net.Sockets;
using Microsoft.Extensions.Hosting.Systemd;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Web;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>The web server, which keeps listening when the configuration is reloaded.</summary>
internal static partial class ExporterServer
{
    // Docker kills a container after 10 s, Kubernetes after 30 s.
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(8);

    // A scraper needs one connection.
    private const int MaxConnections = 256;

    // Longer than usual scrape intervals, so that Prometheus reuses its connection. Not much longer, because idle
    // connections count towards MaxConnections.
    private static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(75);

    private static readonly TimeSpan RequestHeadersTimeout = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(
        ExporterOptions options, WebAccess access, ReloadableExporter exporter, ILoggerFactory loggers)
    {
        var limit = new ConnectionLimit();
        var logger = loggers.CreateLogger(typeof(ExporterServer).FullName!);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions
        {
            ApplicationName = Product.Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.KeepAliveTimeout = KeepAliveTimeout;
            kestrel.Limits.RequestHeadersTimeout = RequestHeadersTimeout;
            foreach (var address in options.ListenAddresses)
                address.Listen(kestrel, listen =>
                {
                    limit.Configure(listen);
                    access.Configure(listen);
                });
        });
        builder.Services.AddSingleton(loggers);
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = ShutdownTimeout);
        builder.Services.AddSingleton<IHostedService>(exporter);
        await using var app = builder.Build();

        app.Use(access.HandleAsync);
        app.Run(exporter.HandleAsync);
        app.Lifetime.ApplicationStopping.Register(() =>
        {
            LogStopping(logger);
            exporter.BeginStop();
        });
        NotifySystemd(app.Lifetime);
        if (!await TryStartAsync(app, options.ListenAddresses))
            return;
        var urls = string.Join(", ", app.Urls.SelectMany(url => options.TelemetryPaths.Select(path => url + path)));
        LogStarted(logger, Product.Version, urls);
        await app.WaitForShutdownAsync();
    }

    /// <summary>Returns false if the program is stopped before the server listens.</summary>
    /// <exception cref="ConfigurationException">The server cannot listen on an address.</exception>
    internal static async Task<bool> TryStartAsync(WebApplication app, IReadOnlyList<ListenAddress> addresses)
    {
        try
        {
            await app.StartAsync();
            return true;
        }
        catch (OperationCanceledException) when (app.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return false;
        }
        catch (Exception exception) when (exception is SocketException || exception.GetType() == typeof(IOException))
        {
            throw new ConfigurationException(
            [
                $"cannot listen on {string.Join(", ", addresses)}: {exception.Message.TrimEnd('.')}. " +
                "If another program uses the address, stop that program. Otherwise, correct --web.listen-address.",
            ]);
        }
    }

    // AddSystemd would detect systemd by the parent process, which the unit hides (ProtectProc=invisible).
    private static void NotifySystemd(IHostApplicationLifetime lifetime)
    {
        var systemd = new SystemdNotifier();
        lifetime.ApplicationStarted.Register(() => systemd.Notify(ServiceState.Ready));
        lifetime.ApplicationStopping.Register(() => systemd.Notify(ServiceState.Stopping));
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Version {Version} serves metrics at {Urls}.")]
    private static partial void LogStarted(ILogger logger, string version, string urls);

    [LoggerMessage(Level = LogLevel.Information, Message = "Stopping. Scrapes in flight get 503.")]
    private static partial void LogStopping(ILogger logger);
}
