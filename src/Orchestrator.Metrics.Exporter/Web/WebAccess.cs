using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Orchestrator.Metrics.Exporter.Configuration;
using Orchestrator.Metrics.Exporter.Hosting;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// TLS and authentication of the web server. Reads the web configuration file and the tokens again when they change.
/// Thread-safe.
/// </summary>
internal sealed partial class WebAccess : IAsyncDisposable
{
    private readonly Authenticator _authenticator = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly bool _usesTls;
    private readonly string _openAddresses;
    private readonly FileValue<WebConfig>? _config;
    private readonly FileValue<BearerTokens>? _tokens;

    /// <exception cref="ConfigurationException">A file cannot be read, or is invalid.</exception>
    public WebAccess(ExporterOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        (_time, _logger) = (time, loggers.CreateLogger<WebAccess>());
        _openAddresses = string.Join(", ", options.ListenAddresses.Where(address => !IsLoopback(address)));
        if (options.BearerTokenFile is { } file)
            _tokens = new([file], texts => BearerTokens.Parse(file, texts[0]), _logger);
        if (options.WebConfigFile is { } path)
            _config = new([path], texts => ReadConfig(path, texts[0]), _logger);
        var config = Config;
        _usesTls = config.Tls is not null;
        config.Tls?.Current.WarnIfExpired(time.GetUtcNow());
        WarnIfOpen(config);
    }

    private WebConfig Config => _config?.Current ?? WebConfig.Empty;

    /// <summary>Sets up TLS for an address, if it is configured.</summary>
    public void Configure(ListenOptions listen)
    {
        if (_usesTls)
            listen.UseHttps(new TlsHandshakeCallbackOptions
            {
                OnConnection = _ =>
                {
                    var tls = Config.Tls!.Current;
                    tls.WarnIfExpired(_time.GetUtcNow());
                    return ValueTask.FromResult(tls.Connection);
                },
            });
    }

    /// <summary>Passes on requests that may continue, and answers the others.</summary>
    public async Task HandleAsync(HttpContext context, RequestDelegate next)
    {
        var config = Config;
        if (config.Headers.Count > 0)
            context.Response.OnStarting(() => SetHeaders(context.Response, config));
        try
        {
            if (HealthEndpoints.IsHealthPath(context.Request)
                || await _authenticator.AuthenticateAsync(context, config.Users, _tokens?.Current))
                await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone.
        }
    }

    public ValueTask DisposeAsync() => _authenticator.DisposeAsync();

    // After other code has set its headers, so that those of the configuration take precedence.
    private static Task SetHeaders(HttpResponse response, WebConfig config)
    {
        foreach (var (name, value) in config.Headers)
            response.Headers[name] = value;
        return Task.CompletedTask;
    }

    private WebConfig ReadConfig(string path, string text)
    {
        var config = WebConfigReader.Read(path, text, _logger);

        // The first call is that of the constructor.
        if (_config is null)
            return config;
        if (config.Tls is not null != _usesTls)
            throw new ConfigurationException(
                [$"{path}: tls_server_config was added or removed. Restart the exporter to apply the file."]);
        WarnIfOpen(config);
        return config;
    }

    private void WarnIfOpen(WebConfig config)
    {
        if (_openAddresses.Length > 0 && _tokens is null && !config.RequiresAuthentication)
            LogOpen(_openAddresses);
    }

    private static bool IsLoopback(ListenAddress address) => address.Host == "localhost"
        || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "{Addresses} is open to other machines without authentication, so all that reach it can read the " +
        "metrics. Set web.config.file or web.bearer_token_file, or listen on localhost.")]
    private partial void LogOpen(string addresses);
}
