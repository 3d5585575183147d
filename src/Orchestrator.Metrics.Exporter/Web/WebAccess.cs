using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// TLS, authentication and response headers of the web server. Reads the web configuration file and the tokens again
/// when they change. Thread-safe.
/// </summary>
internal sealed partial class WebAccess
{
    private readonly Authenticator _authenticator = new();
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _openAddresses;
    private readonly FileValue<WebConfig>? _config;
    private readonly FileValue<BearerTokens>? _tokens;

    /// <exception cref="ConfigurationException">A file cannot be read, or is invalid.</exception>
    public WebAccess(ExporterOptions options, ILoggerFactory loggers, TimeProvider time)
    {
        (_time, _logger) = (time, loggers.CreateLogger<WebAccess>());
        _openAddresses = string.Join(", ", options.ListenAddresses.Where(address => !IsLoopback(address)));
        if (options.BearerTokenFile is { } file)
            _tokens = new([file], (texts, _) => BearerTokens.Parse(file, texts[0]), _logger);
        if (options.WebConfigFile is { } path)
            _config = new([path], (texts, previous) => ReadConfig(path, texts[0], previous), _logger);
        WarnIfOpen(Config);
    }

    public ServerTls? Tls => Config.Tls?.Current;

    private WebConfig Config => _config?.Current ?? WebConfig.Empty;

    public void Configure(ListenOptions listen)
    {
        if (Tls is null)
            return;
        GetTls();
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = _ => ValueTask.FromResult(GetTls().Connection),
        });

        ServerTls GetTls()
        {
            var tls = Tls!;
            tls.WarnIfExpired(_time.GetUtcNow());
            return tls;
        }
    }

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
            // The client disconnected.
        }
    }

    // Called after other code has set its headers, so that the headers of the configuration take precedence.
    private static Task SetHeaders(HttpResponse response, WebConfig config)
    {
        foreach (var (name, value) in config.Headers)
            response.Headers[name] = value;
        return Task.CompletedTask;
    }

    private WebConfig ReadConfig(string path, string text, WebConfig? previous)
    {
        var config = WebConfigReader.Read(path, text, _logger, previous);

        // The constructor warns about the first configuration.
        if (previous is null)
            return config;
        if (config.Tls is null != previous.Tls is null)
            throw new ConfigurationException(
                [$"{path}: tls_server_config was added or removed. Restart the exporter to apply the file."]);

        // An incomplete file, for example during a write or on a full disk, must not turn off authentication. Tokens
        // are an alternative to passwords, so without passwords they are still required. They do not replace client
        // certificates.
        if ((previous.Users is not null && config.Users is null && _tokens is null)
            || (previous.VerifiesClients && !config.VerifiesClients)
            || (previous.RestrictsNames && !config.RestrictsNames))
            throw new ConfigurationException(
                [$"{path}: basic_auth_users or client_allowed_sans was removed, or client_auth_type is no longer " +
                "RequireAndVerifyClientCert. Restart the exporter to apply the file."]);
        WarnIfOpen(config);
        return config;
    }

    private void WarnIfOpen(WebConfig config)
    {
        if (_openAddresses.Length > 0 && _tokens is null && config.Users is null && !config.VerifiesClients)
            LogOpen(_openAddresses);
    }

    private static bool IsLoopback(ListenAddress address) => address.Host == "localhost"
        || (IPAddress.TryParse(address.Host, out var ip) && IPAddress.IsLoopback(ip));

    [LoggerMessage(Level = LogLevel.Warning,
        Message = "Anyone who can reach {Addresses} can read the metrics, because authentication is not configured. " +
        "Set passwords or client certificates in web.config.file, set web.bearer_token_file, or listen on localhost.")]
    private partial void LogOpen(string addresses);
}
