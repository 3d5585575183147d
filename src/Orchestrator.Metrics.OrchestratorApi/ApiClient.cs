using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>
/// Sends requests to orchestrator-core. Errors contain the endpoint and the status, but neither the token, the body nor
/// the password of a proxy. Of the target of a redirect, they contain only the server. Thread-safe.
/// </summary>
internal sealed class ApiClient
{
    public const string Name = "Orchestrator.Metrics.OrchestratorApi";

    // A response takes about a hundred bytes. A token endpoint may send several tokens of a few kilobytes.
    public const int MaxBytes = 64 * 1024;

    private readonly IHttpClientFactory _clients;
    private readonly Uri _baseAddress;
    private readonly BearerToken _token;

    public ApiClient(IHttpClientFactory clients, OrchestratorApiOptions options, TimeProvider time, ApiLog log)
    {
        _clients = clients;
        _baseAddress = new Uri(options.BaseAddress!.AbsoluteUri.TrimEnd('/') + "/");
        _token = new BearerToken(options, new ClientCredentialsToken(CreateClient, options, time));
        if (_token.IsConfigured && _baseAddress.Scheme == Uri.UriSchemeHttp && !_baseAddress.IsLoopback)
            log.Unencrypted(_baseAddress);
    }

    public async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
        where T : class
    {
        var endpoint = new Uri(_baseAddress, path);
        using var client = CreateClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, endpoint);
        request.Headers.Accept.Add(new("application/json"));
        if (await _token.GetAsync(cancellationToken).ConfigureAwait(false) is { } token)
            request.Headers.Authorization = new("Bearer", token);
        using var response = await SendAsync(client, request, cancellationToken).ConfigureAwait(false);
        RequireSuccess(endpoint, response);
        return Parse(endpoint, await ReadAsync(endpoint, response, cancellationToken).ConfigureAwait(false), type);
    }

    private HttpClient CreateClient()
    {
        // The timeout of the collector applies.
        var client = _clients.CreateClient(Name);
        client.Timeout = Timeout.InfiniteTimeSpan;
        client.MaxResponseContentBufferSize = MaxBytes;
        return client;
    }

    private static async Task<HttpResponseMessage> SendAsync(
        HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            // The body is read later, so a body that is too large does not hide the status.
            return await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (HttpRequestException exception)
        {
            throw new HttpRequestException(
                exception.HttpRequestError,
                $"GET {request.RequestUri} received no response ({exception.HttpRequestError}). Check the base " +
                "address, and whether orchestrator-core is running.",
                OmitProxy(exception));
        }
        catch (OperationCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            throw new HttpRequestException(
                HttpRequestError.ConnectionError,
                $"GET {request.RequestUri} exceeded the connect timeout of the HTTP client. Check the base address, " +
                "and whether orchestrator-core is running.",
                exception);
        }
    }

    /// <summary>
    /// Returns the cause of a failure; null if its message contains the address, and thus the password, of a proxy.
    /// </summary>
    public static Exception? OmitProxy(Exception? cause) =>
        cause is HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } ? null : cause;

    private void RequireSuccess(Uri endpoint, HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.OK)
            return;
        if (response.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden)
            _token.Discard();
        throw new HttpRequestException(
            FormattableString.Invariant($"GET {endpoint} returned {(int)response.StatusCode}.") +
            GetAdvice(endpoint, response),
            inner: null, response.StatusCode);
    }

    private string GetAdvice(Uri endpoint, HttpResponseMessage response) => response.StatusCode switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => _token.IsConfigured
            ? " Check the token and its permissions."
            : " No credential is set. Set a token, a token file or client credentials.",
        HttpStatusCode.NotFound => " Check the base address.",
        >= (HttpStatusCode)300 and < (HttpStatusCode)400
            when Uri.TryCreate(endpoint, response.Headers.Location, out var target) =>
            $" Redirects, here to {GetServer(target)}, are not followed, so that no other " +
            "server receives the token. Set the base address to the final address.",
        _ => "",
    };

    // Omits the user name and password, which the authority of a URI may contain.
    private static string GetServer(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped);

    private static async Task<byte[]> ReadAsync(
        Uri endpoint, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        try
        {
            await response.Content.LoadIntoBufferAsync(MaxBytes, cancellationToken).ConfigureAwait(false);
            return await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException exception)
            when (exception.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new InvalidDataException(FormattableString.Invariant(
                $"GET {endpoint} returned 200 with more than {MaxBytes} bytes. Check the base address."));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw new HttpRequestException(
                $"GET {endpoint} returned 200, but the connection was lost before the end of the body.", exception);
        }
    }

    private static T Parse<T>(Uri endpoint, byte[] body, JsonTypeInfo<T> type)
        where T : class
    {
        T? response;
        try
        {
            response = JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException exception)
        {
            // The exception is omitted, because its message contains parts of the body.
            var field = type.Properties.FirstOrDefault(property => exception.Path == $"$.{property.Name}");
            throw CreateException(
                endpoint, field is null ? "that is not the expected JSON" : $"whose field '{field.Name}' is invalid");
        }

        if (response is null)
            throw CreateException(endpoint, "that is not the expected JSON");
        return type.Properties.FirstOrDefault(property => property.Get!(response) is null) is { } missing
            ? throw CreateException(endpoint, $"whose field '{missing.Name}' is missing or null")
            : response;
    }

    private static InvalidDataException CreateException(Uri endpoint, string problem) => new(
        $"GET {endpoint} returned 200 with a body {problem}. Check that the base address is that of an " +
        "orchestrator-core 2.0.1 or later.");
}
