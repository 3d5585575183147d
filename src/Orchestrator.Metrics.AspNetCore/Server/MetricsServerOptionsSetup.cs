using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.DependencyInjection;

namespace Orchestrator.Metrics.AspNetCore.Server;

internal sealed class MetricsServerOptionsSetup(IConfiguration? configuration)
    : IPostConfigureOptions<MetricsServerOptions>, IValidateOptions<MetricsServerOptions>
{
    public void PostConfigure(string? name, MetricsServerOptions options)
    {
        var settings = new SettingsSection(configuration, SettingsSection.Server);
        settings.ReadInteger(nameof(options.Port), value => options.Port = value);
        settings.ReadString(
            nameof(options.Address), value => options.Address = IPAddress.Parse(value),
            value => IPAddress.TryParse(value, out _),
            "which is not an IP address. Set one, such as 0.0.0.0 for every IPv4 address.");
        settings.ReadString(
            nameof(options.Path), value => options.Path = value, IsPath,
            "which is not a path. Start it with a slash, such as /metrics.");
        settings.ThrowIfInvalid<MetricsServerOptions>(name);
    }

    public ValidateOptionsResult Validate(string? name, MetricsServerOptions options)
    {
        if (options.Port is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            return ValidateOptionsResult.Fail(FormattableString.Invariant(
                $"{nameof(MetricsServerOptions)}.{nameof(options.Port)} is {options.Port}; it must be 1 to 65535, ") +
                "or 0 for a free port.");
        return IsPath(options.Path)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{nameof(MetricsServerOptions)}.{nameof(options.Path)} is '{options.Path}'; it must start with a " +
                "slash, such as /metrics.");
    }

    private static bool IsPath(string? path) => path?.StartsWith('/') == true;
}
