using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Web;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Web;

/// <summary>
/// A Kestrel server on a free port, with the access rules of a web configuration file or a file of bearer tokens.
/// The response to a permitted request contains its HTTP version.
/// </summary>
internal sealed class AccessServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AccessServer(WebApplication app, ListLogger log) => (_app, Log) = (app, log);

    public ListLogger Log { get; }

    public Uri Address => new(_app.Urls.Single());

    public static async Task<AccessServer> StartAsync(
        string? configFile, string? tokenFile = null, TimeProvider? time = null)
    {
        var log = new ListLogger();
        var access = CreateAccess(log, configFile, tokenFile, time);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, 0, access.Configure);
        });
        var app = builder.Build();
        app.Use(access.HandleAsync);
        app.Run(context =>
        {
            context.Response.Headers.XFrameOptions = "sameorigin";
            return context.Response.WriteAsync(context.Request.Protocol);
        });
        await app.StartAsync();
        return new AccessServer(app, log);
    }

    public static WebAccess CreateAccess(
        ListLogger log, string? configFile, string? tokenFile = null, TimeProvider? time = null,
        params ListenAddress[] addresses) => new(
            new ExporterOptions
            {
                Environment = new Dictionary<string, string>(),
                WebConfigFile = configFile,
                BearerTokenFile = tokenFile,
                ListenAddresses = addresses,
            },
            LoggerFactory.Create(logging => logging.AddProvider(log)), time ?? TimeProvider.System);

    public static AuthenticationHeaderValue CreateBasic(string user, string password) =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}")));

    /// <summary>Sends a GET request on a new connection.</summary>
    public async Task<HttpResponseMessage> GetAsync(
        AuthenticationHeaderValue? authorization = null, string path = "/metrics", HttpMessageHandler? handler = null,
        Version? version = null)
    {
        using var client = new HttpClient(handler ?? new SocketsHttpHandler()) { BaseAddress = Address };
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        (request.Version, request.VersionPolicy) = (version ?? HttpVersion.Version11, HttpVersionPolicy.RequestVersionOrLower);
        request.Headers.Authorization = authorization;
        return await client.SendAsync(request).Soon();
    }

    public async Task<HttpStatusCode> GetStatusAsync(
        AuthenticationHeaderValue? authorization = null, string path = "/metrics")
    {
        using var response = await GetAsync(authorization, path);
        return response.StatusCode;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
