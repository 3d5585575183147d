using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Metrics.Exporter.Tests.Sources;

/// <summary>A Kestrel server on a free port with one handler for all paths.</summary>
internal sealed class SourceServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private SourceServer(WebApplication app) => _app = app;

    public string Url => _app.Urls.Single();

    public static Task<SourceServer> StartAsync(string text, string type = "text/plain; version=0.0.4") =>
        StartAsync(context =>
        {
            context.Response.ContentType = type;
            return context.Response.WriteAsync(text);
        });

    public static async Task<SourceServer> StartAsync(RequestDelegate handler)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Run(handler);
        await app.StartAsync();
        return new SourceServer(app);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
