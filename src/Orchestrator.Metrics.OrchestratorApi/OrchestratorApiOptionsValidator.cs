using Microsoft.Extensions.Options;
using Orchestrator.Metrics.DependencyInjection;

namespace Orchestrator.Metrics.OrchestratorApi;

/// <summary>
/// Validates the options. Messages contain no values that may be secret, such as addresses with a password.
/// </summary>
internal sealed class OrchestratorApiOptionsValidator : IValidateOptions<OrchestratorApiOptions>
{
    public ValidateOptionsResult Validate(string? name, OrchestratorApiOptions options)
    {
        string[] problems =
        [
            .. ValidateBaseAddress(options.BaseAddress),
            .. ValidateCredentials(options),
            .. ValidateClientCredentials(options),
        ];
        if (options.RefreshEvery < TimeSpan.FromSeconds(1) || options.RefreshEvery > TimeSpan.FromDays(1))
            problems = [.. problems, FormattableString.Invariant(
                $"{Qualify(nameof(options.RefreshEvery))} is {options.RefreshEvery}. Set one second to one day.")];
        return problems.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    public static bool IsToken(string token) => token.Length > 0 && token.All(c => c is > ' ' and <= '~');

    private static IEnumerable<string> ValidateBaseAddress(Uri? address)
    {
        var option = Qualify(nameof(OrchestratorApiOptions.BaseAddress));
        if (address is null)
            yield return $"{option} is not set. Set it in code or as {SettingsSection.OrchestratorApi}:" +
                $"{nameof(OrchestratorApiOptions.BaseAddress)}, for example to https://orchestrator.example.org.";
        else if (!IsHttp(address))
            yield return $"{option} is not an absolute http or https address without user name, query and fragment. " +
                "Set an address such as https://orchestrator.example.org.";
    }

    private static IEnumerable<string> ValidateCredentials(OrchestratorApiOptions options)
    {
        string[] kinds =
        [
            .. IsSet(options.Token) ? [nameof(options.Token)] : Array.Empty<string>(),
            .. IsSet(options.TokenFile) ? [nameof(options.TokenFile)] : Array.Empty<string>(),
            .. UsesClientCredentials(options) ? ["client credentials"] : Array.Empty<string>(),
        ];
        if (kinds.Length > 1)
            yield return $"{nameof(OrchestratorApiOptions)} sets {string.Join(" and ", kinds)}, but a request uses " +
                "one credential. Set only one of them.";
        if (IsSet(options.Token) && !IsToken(options.Token!))
            yield return $"{Qualify(nameof(options.Token))} contains white space or characters other than printable " +
                "ASCII, which a header cannot contain. Set the token only, without \"Bearer\".";
    }

    private static IEnumerable<string> ValidateClientCredentials(OrchestratorApiOptions options)
    {
        if (!UsesClientCredentials(options))
            yield break;
        string[] missing =
        [
            .. options.TokenEndpoint is null ? [nameof(options.TokenEndpoint)] : Array.Empty<string>(),
            .. IsSet(options.ClientId) ? [] : new[] { nameof(options.ClientId) },
            .. IsSet(options.ClientSecret) ? [] : new[] { nameof(options.ClientSecret) },
        ];
        if (missing.Length > 0)
            yield return $"{nameof(OrchestratorApiOptions)} sets client credentials without " +
                $"{string.Join(" and ", missing)}. Set {nameof(options.TokenEndpoint)}, {nameof(options.ClientId)} " +
                $"and {nameof(options.ClientSecret)}.";
        if (options.TokenEndpoint is { } endpoint
            && !(IsHttp(endpoint) && (endpoint.Scheme == Uri.UriSchemeHttps || endpoint.IsLoopback)))
            yield return $"{Qualify(nameof(options.TokenEndpoint))} is not an absolute https address without user " +
                "name, query and fragment, nor http on loopback. The client secret must be sent encrypted (RFC 6749, " +
                "section 3.2). Set an address such as https://login.example.org/token.";
    }

    private static bool UsesClientCredentials(OrchestratorApiOptions options) =>
        options.TokenEndpoint is not null || IsSet(options.ClientId) || IsSet(options.ClientSecret)
        || IsSet(options.Scope);

    private static bool IsSet(string? value) => !string.IsNullOrEmpty(value);

    private static bool IsHttp(Uri address) =>
        address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
        && address is { UserInfo: "", Query: "", Fragment: "" };

    private static string Qualify(string name) => $"{nameof(OrchestratorApiOptions)}.{name}";
}
