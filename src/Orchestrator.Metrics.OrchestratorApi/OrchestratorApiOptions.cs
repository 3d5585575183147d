namespace Orchestrator.Metrics;

/// <summary>
/// Options for the REST API of a running orchestrator-core. Read once, when the host starts. Values of the
/// configuration section <c>OrchestratorMetrics:OrchestratorApi</c> override values set in code. Its keys are the
/// property names.
/// </summary>
/// <remarks>
/// Set one kind of credential: <see cref="Token"/>, <see cref="TokenFile"/>, or client credentials
/// (<see cref="TokenEndpoint"/>, <see cref="ClientId"/> and <see cref="ClientSecret"/>). Set none if orchestrator-core
/// runs with <c>OAUTH2_ACTIVE=False</c>. An empty string is the same as null.
/// </remarks>
public sealed class OrchestratorApiOptions
{
    /// <summary>
    /// The base URL of orchestrator-core without the trailing <c>/api</c>, such as
    /// <c>https://orchestrator.example.org</c>. Required. May contain a path prefix. Use https: over plain HTTP, the
    /// token is unencrypted, and the package logs a warning unless the host is loopback.
    /// </summary>
    public Uri? BaseAddress { get; set; }

    /// <summary>A bearer token that does not change. Null by default.</summary>
    public string? Token { get; set; }

    /// <summary>
    /// The path of a file that contains a bearer token. The file is read for each request, so you can replace it at any
    /// time. White space around the token is ignored. Null by default.
    /// </summary>
    public string? TokenFile { get; set; }

    /// <summary>
    /// The token endpoint of an OAuth 2.0 authorization server. Tokens are requested with the grant type
    /// <c>client_credentials</c> (RFC 6749, section 4.4). Must be https, or http on loopback. Null by default.
    /// </summary>
    public Uri? TokenEndpoint { get; set; }

    /// <summary>The client identifier for <see cref="TokenEndpoint"/>. Null by default.</summary>
    public string? ClientId { get; set; }

    /// <summary>The client secret for <see cref="TokenEndpoint"/>. Null by default.</summary>
    public string? ClientSecret { get; set; }

    /// <summary>
    /// The scopes to request from <see cref="TokenEndpoint"/>, separated by spaces. Null, the default, requests none.
    /// </summary>
    public string? Scope { get; set; }

    /// <summary>
    /// The interval between background requests to each of the two endpoints, from one second to one day. 15 seconds by
    /// default. A response that is older than three intervals plus the timeout of its collector is not used.
    /// </summary>
    public TimeSpan RefreshEvery { get; set; } = TimeSpan.FromSeconds(15);
}
