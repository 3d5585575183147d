using System.Diagnostics.CodeAnalysis;
using System.Net;
using Duende.IdentityModel.Client;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>
/// A token of an OAuth 2.0 authorization server, cached until shortly before it expires. Thread-safe: concurrent
/// callers wait for one request.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification =
    "The semaphore has no wait handle.")]
internal sealed class ClientCredentialsToken(
    Func<HttpClient> createClient, OrchestratorApiOptions options, TimeProvider time)
{
    // Longer than a request to orchestrator-core may take.
    private static readonly TimeSpan ExpiryMargin = TimeSpan.FromSeconds(30);

    // RFC 6749 does not require expires_in. A token that expires earlier is rejected, and then replaced.
    private static readonly TimeSpan DefaultLifetime = TimeSpan.FromMinutes(5);

    // A token that is rejected earlier is not discarded: it lacks a permission, and the next token would too.
    private static readonly TimeSpan MinimumLifetime = TimeSpan.FromMinutes(1);

    // RFC 6749, section 5.2. Other values come from the body, which errors must not contain.
    private static readonly string[] ErrorCodes =
    [
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "unsupported_grant_type",
        "invalid_scope",
    ];

    private readonly SemaphoreSlim _requesting = new(1);
    private CachedToken? _cached;

    public async Task<string> GetAsync(CancellationToken cancellationToken)
    {
        await _requesting.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Volatile.Read(ref _cached) is { } cached && time.GetElapsedTime(cached.RequestedAt) < cached.Lifetime)
                return cached.Token;
            var token = await RequestAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _cached, token);
            return token.Token;
        }
        finally
        {
            _requesting.Release();
        }
    }

    public void Discard()
    {
        if (Volatile.Read(ref _cached) is { } cached && time.GetElapsedTime(cached.RequestedAt) >= MinimumLifetime)
            Interlocked.CompareExchange(ref _cached, null, cached);
    }

    private async Task<CachedToken> RequestAsync(CancellationToken cancellationToken)
    {
        var requestedAt = time.GetTimestamp();
        using var client = createClient();
        using var request = new ClientCredentialsTokenRequest
        {
            Address = options.TokenEndpoint!.AbsoluteUri,
            ClientId = options.ClientId!,
            ClientSecret = options.ClientSecret,
            ClientCredentialStyle = ClientCredentialStyle.AuthorizationHeader,
            Scope = string.IsNullOrEmpty(options.Scope) ? null : options.Scope,
        };
        TokenResponse response;
        try
        {
            response = await client.RequestClientCredentialsTokenAsync(request, cancellationToken)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (exception.InnerException is TimeoutException)
        {
            // A connect timeout of the HTTP client.
            throw CreateUnreachableException(exception);
        }

        using var message = response.HttpResponse;
        if (response.IsError || response.AccessToken is not { } token
            || !OrchestratorApiOptionsValidator.IsToken(token))
            throw CreateException(response);
        return new(token, requestedAt, ComputeLifetime(response.ExpiresIn));
    }

    private static TimeSpan ComputeLifetime(int expiresIn)
    {
        if (expiresIn <= 0)
            return DefaultLifetime;
        var lifetime = TimeSpan.FromSeconds(expiresIn);
        return lifetime > 2 * ExpiryMargin ? lifetime - ExpiryMargin : lifetime / 2;
    }

    private HttpRequestException CreateException(TokenResponse response)
    {
        var request = $"POST {options.TokenEndpoint}";
        var status = response.HttpStatusCode;
        if (status == 0)
            return CreateUnreachableException(response.Exception);

        // The exception is omitted, because its message may contain parts of the body.
        if (status == HttpStatusCode.OK)
            return new($"{request} returned 200 without a valid access_token. Check the token endpoint.");
        var code = ErrorCodes.Contains(response.Error) ? $" ({response.Error})" : "";
        var advice = status is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized
            ? " Check the client credentials and the scope."
            : "";
        return new(
            FormattableString.Invariant($"{request} returned {(int)status}") + $"{code}.{advice}", inner: null, status);
    }

    private HttpRequestException CreateUnreachableException(Exception? cause) => new(
        $"POST {options.TokenEndpoint} failed. Check the token endpoint, and whether the authorization server is " +
        "running.",
        ApiClient.OmitProxy(cause));

    // Not a record: its ToString would return the token.
    private sealed class CachedToken(string token, long requestedAt, TimeSpan lifetime)
    {
        public string Token => token;

        public long RequestedAt => requestedAt;

        public TimeSpan Lifetime => lifetime;
    }
}
