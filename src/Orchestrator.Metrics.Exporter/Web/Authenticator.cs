using System.Text;
using Microsoft.Extensions.Primitives;

namespace Orchestrator.Metrics.Exporter.Web;

/// <summary>
/// Checks the header <c>Authorization</c>: a user name with a password, or a bearer token. If both are configured,
/// either is enough. If neither is configured, permits all requests. Thread-safe.
/// </summary>
internal sealed class Authenticator
{
    private const string Basic = "Basic ";
    private const string Bearer = "Bearer ";

    private readonly PasswordLimiter _limiter = new();

    /// <returns>
    /// True if the request may continue. Otherwise, the response has been written: 401 if the credentials are missing
    /// or wrong, or 429 if too many password checks are queued.
    /// </returns>
    public async ValueTask<bool> AuthenticateAsync(HttpContext context, BasicAuthUsers? users, BearerTokens? tokens)
    {
        if (users is null && tokens is null)
            return true;
        var header = context.Request.Headers.Authorization is [{ } single] ? single : "";
        if (tokens is not null && GetCredentials(Bearer, header) is { } token && tokens.Contains(token))
            return true;
        if (users is not null && ReadBasic(GetCredentials(Basic, header)) is var (user, password))
        {
            if (users.IsVerified(user, password))
                return true;
            switch (await _limiter.TryRunAsync(
                context.Connection.RemoteIpAddress, user, () => users.Verify(user, password), context.RequestAborted))
            {
                case true:
                    return true;
                case null:
                    context.Response.Headers.RetryAfter = "1";
                    await PlainText.WriteAsync(context, StatusCodes.Status429TooManyRequests, "Too many requests.");
                    return false;
            }
        }

        context.Response.Headers.WWWAuthenticate = CreateChallenges(users, tokens);
        await PlainText.WriteAsync(context, StatusCodes.Status401Unauthorized, "Authentication is required.");
        return false;
    }

    private static string? GetCredentials(string scheme, string header) =>
        header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? header[scheme.Length..].Trim() : null;

    // RFC 7617: base64 of user:password. Only the password may contain a colon.
    private static (string User, string Password)? ReadBasic(string? credentials)
    {
        if (credentials is null)
            return null;
        var bytes = new byte[credentials.Length];
        return Convert.TryFromBase64String(credentials, bytes, out var length)
            && Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2) is [var user, var password]
            ? (user, password)
            : null;
    }

    private static StringValues CreateChallenges(BasicAuthUsers? users, BearerTokens? tokens)
    {
        var challenges = new StringValues();
        if (users is not null)
            challenges = StringValues.Concat(challenges, $"Basic realm=\"{Product.Name}\", charset=\"UTF-8\"");
        return tokens is null ? challenges : StringValues.Concat(challenges, $"Bearer realm=\"{Product.Name}\"");
    }
}
