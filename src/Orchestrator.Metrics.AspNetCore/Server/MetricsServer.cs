using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orchestrator.Metrics.AspNetCore.Server;

/// <summary>
/// A Kestrel server with one endpoint. It starts and stops with the host. Kestrel, routing and their settings belong to
/// an inner application, so the host's own server and configuration do not affect them. Everything else, from
/// authorization to the registry, comes from the services of the host.
/// </summary>
internal sealed class MetricsServer(IServiceProvider services) : IHostedService, IDisposable
{
    // Clients may keep their connections for this time when the host stops. Scrapes in flight are already cancelled.
    internal static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(1);

    private readonly MetricsServerOptions _options =
        services.GetRequiredService<IOptions<MetricsServerOptions>>().Value;

    private WebApplication? _app;

    internal Uri Url => new(new Uri(_app!.Urls.First()), _options.Path);

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        Task starting;

        // Tools that build a host to inspect or replace parts of it (WebApplicationFactory, the Entity Framework Core
        // tools) find the host through an AsyncLocal. They must not mistake the inner application for the host.
        using (ExecutionContext.SuppressFlow())
            starting = Task.Run(() => StartServerAsync(cancellationToken), cancellationToken);
        await starting;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is null)
            return;
        var time = services.GetService<TimeProvider>() ?? TimeProvider.System;
        using var grace = new CancellationTokenSource(StopGrace, time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, grace.Token);
        try
        {
            await _app.StopAsync(ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Kestrel has aborted the connections.
        }
    }

    public void Dispose() => ((IDisposable?)_app)?.Dispose();

    private async Task StartServerAsync(CancellationToken cancellationToken)
    {
        _app = CreateApplication();
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is SocketException || exception.GetType() == typeof(IOException))
        {
            // The filter excludes exceptions derived from IOException, such as the one for a missing certificate file.
            var address = _options.Address?.ToString() ?? "localhost";
            throw new IOException(
                FormattableString.Invariant($"The metrics server cannot listen on {address}, port {_options.Port}: ") +
                $"{exception.Message.TrimEnd('.')}. Stop the program that uses the port, if any, or set another port " +
                "or address in AddMetricsServer or in the configuration section OrchestratorMetrics:Server.",
                exception);
        }
    }

    private WebApplication CreateApplication()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(Listen);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddSingleton(services.GetRequiredService<ILoggerFactory>());
        if (services.GetService<IMeterFactory>() is { } meters)
            builder.Services.AddSingleton(meters);
        var app = builder.Build();
        app.UseRouting();
        app.Use(UseHostServices);
        app.Use(UseHostAccessRules);
        app.Use(ReturnNotFoundIfUnmatched);
        Map(app);
        return app;
    }

    private void Listen(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        Action<ListenOptions> configure = listener => _options.ConfigureListener?.Invoke(listener);
        if (_options.Address is { } address)
            kestrel.Listen(address, _options.Port, configure);
        else if (_options.Port == 0)
            kestrel.Listen(IPAddress.Loopback, 0, configure);
        else
            kestrel.ListenLocalhost(_options.Port, configure);
    }

    private void Map(WebApplication app)
    {
        var endpoint = OrchestratorMetricsEndpointExtensions.Map(app, services, _options.Path, options =>
        {
            _options.ConfigureEndpoint?.Invoke(options);
            options.EnableEndpoint = true;
        });
        _options.ConfigureConventions?.Invoke(endpoint);
        var mapped = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints);
        if (!IsRegistered<IAuthorizationHandlerProvider>()
            && mapped.Any(route => route.Metadata.GetMetadata<IAuthorizeData>() is not null))
            throw new InvalidOperationException(
                "The metrics server requires authorization, but the host has no authorization services. Call " +
                "services.AddAuthorization().");
    }

    private RequestDelegate UseHostServices(RequestDelegate next) => async context =>
    {
        var own = context.RequestServices;
        await using var scope = services.CreateAsyncScope();
        context.RequestServices = scope.ServiceProvider;
        var accessor = scope.ServiceProvider.GetService<IHttpContextAccessor>();
        accessor?.HttpContext = context;
        try
        {
            await next(context);
        }
        finally
        {
            accessor?.HttpContext = null;
            context.RequestServices = own;
        }
    };

    private RequestDelegate UseHostAccessRules(RequestDelegate next)
    {
        var host = new ApplicationBuilder(services);
        if (IsRegistered<IAuthenticationSchemeProvider>())
            host.UseAuthentication();
        if (IsRegistered<IAuthorizationHandlerProvider>())
            host.UseAuthorization();
        host.Run(next);
        return host.Build();
    }

    private RequestDelegate ReturnNotFoundIfUnmatched(RequestDelegate next) => context =>
    {
        if (context.GetEndpoint() is not null)
            return next(context);
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync($"The metrics are at {_options.Path}.\n", context.RequestAborted);
    };

    private bool IsRegistered<TService>()
        where TService : class => services.GetService<TService>() is not null;

    /// <summary>Leaves signals such as Ctrl+C to the host. The default lifetime would handle them too.</summary>
    private sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
