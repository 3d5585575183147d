using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orchestrator.Metrics.DependencyInjection;

namespace Orchestrator.Metrics.AspNetCore;

/// <summary>
/// Creates the options of one endpoint from code, configuration, and the call that maps the endpoint.
/// </summary>
internal static class MetricsEndpointOptionsFactory
{
    private static readonly TimeSpan MaxTimeout = TimeSpan.FromDays(1);

    public static MetricsEndpointOptions Create(IServiceProvider services, Action<MetricsEndpointOptions>? configure)
    {
        var options = services.GetRequiredService<IOptions<MetricsEndpointOptions>>().Value.Clone();
        var configuration = services.GetService<IConfiguration>();
        var settings = Bind(options, configuration);
        configure?.Invoke(options);
        settings.ThrowIfInvalid<MetricsEndpointOptions>(
            Options.DefaultName, [.. ApplyEnableKey(options, configuration), .. Validate(options)]);
        return options;
    }

    private static SettingsSection Bind(MetricsEndpointOptions options, IConfiguration? configuration)
    {
        var settings = new SettingsSection(configuration, SettingsSection.Endpoint);
        settings.ReadBoolean(nameof(options.EnableEndpoint), value => options.EnableEndpoint = value);
        settings.ReadBoolean(nameof(options.Compression), value => options.Compression = value);
        settings.ReadInteger(nameof(options.MaxConcurrentScrapes), value => options.MaxConcurrentScrapes = value);
        settings.ReadDuration(nameof(options.ScrapeTimeoutOffset), value => options.ScrapeTimeoutOffset = value);
        settings.ReadDuration(nameof(options.WriteTimeout), value => options.WriteTimeout = value);
        return settings;
    }

    private static IEnumerable<string> ApplyEnableKey(MetricsEndpointOptions options, IConfiguration? configuration)
    {
        const string Key = MetricsEndpointOptions.EnableEndpointKey;
        if (options.EnableEndpoint is not null || configuration?[Key] is not { } value)
            yield break;
        if (SettingsSection.TryParseBoolean(value, out var enable))
            options.EnableEndpoint = enable;
        else
            yield return $"The setting {Key} is '{value}', {SettingsSection.NotABoolean}";
    }

    private static IEnumerable<string> Validate(MetricsEndpointOptions options)
    {
        if (options.MaxConcurrentScrapes < 1)
            yield return Describe(nameof(options.MaxConcurrentScrapes), options.MaxConcurrentScrapes, "at least 1");
        if (options.ScrapeTimeoutOffset < TimeSpan.Zero || options.ScrapeTimeoutOffset >= MaxTimeout)
            yield return Describe(
                nameof(options.ScrapeTimeoutOffset), options.ScrapeTimeoutOffset,
                "zero or longer and shorter than a day");
        if (options.WriteTimeout <= TimeSpan.Zero || options.WriteTimeout > MaxTimeout)
            yield return Describe(
                nameof(options.WriteTimeout), options.WriteTimeout, "longer than zero and at most a day");
    }

    private static string Describe(string option, object value, string rule) =>
        FormattableString.Invariant($"{nameof(MetricsEndpointOptions)}.{option} is {value}; it must be {rule}.");
}
