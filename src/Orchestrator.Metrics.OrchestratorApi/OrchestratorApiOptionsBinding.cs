using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.DependencyInjection;

namespace Orchestrator.Metrics.OrchestratorApi;

internal sealed class OrchestratorApiOptionsBinding(IConfiguration? configuration)
    : IPostConfigureOptions<OrchestratorApiOptions>
{
    public void PostConfigure(string? name, OrchestratorApiOptions options)
    {
        var settings = new SettingsSection(configuration, SettingsSection.OrchestratorApi);
        ReadString(nameof(options.BaseAddress), value => options.BaseAddress = ToUri(value));
        ReadString(nameof(options.Token), value => options.Token = value);
        ReadString(nameof(options.TokenFile), value => options.TokenFile = value);
        ReadString(nameof(options.TokenEndpoint), value => options.TokenEndpoint = ToUri(value));
        ReadString(nameof(options.ClientId), value => options.ClientId = value);
        ReadString(nameof(options.ClientSecret), value => options.ClientSecret = value);
        ReadString(nameof(options.Scope), value => options.Scope = value);
        settings.ReadDuration(nameof(options.RefreshEvery), value => options.RefreshEvery = value);
        settings.ThrowIfInvalid<OrchestratorApiOptions>(name);

        // Validated later, because messages of SettingsSection contain the value, which may be a secret.
        void ReadString(string key, Action<string> set) => settings.ReadString(key, set, _ => true, "");
    }

    /// <summary>Returns null for an empty string, and a URI that fails validation for an invalid string.</summary>
    private static Uri? ToUri(string value) => value.Length == 0
        ? null
        : Uri.TryCreate(value, UriKind.Absolute, out var uri) ? uri : new Uri("invalid", UriKind.Relative);
}
