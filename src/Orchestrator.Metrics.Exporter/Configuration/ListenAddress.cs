using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>
/// An address to listen on, in the format of Go programs: <c>localhost:9799</c>, or <c>:9799</c> for all interfaces.
/// </summary>
/// <param name="Host">"localhost" or an IP address; empty for all interfaces.</param>
/// <param name="Port">The port; 0 for a free one.</param>
internal sealed record ListenAddress(string Host, int Port)
{
    public static IReadOnlyList<ListenAddress> ParseAll(SettingValue value) => value.Items.Count > 0
        ? [.. value.Items.Select(item => Parse(item, value.Source))]
        : throw new ConfigurationException([$"{value.Source} is empty. Write an address, such as localhost:9799."]);

    private static ListenAddress Parse(string text, string source)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon].Trim('[', ']');
        return colon >= 0 && IsHost(host) && ushort.TryParse(
            text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new(host, port)
            : throw new ConfigurationException(
                [$"{source} '{text}' is not an address. Write localhost:9799, 10.0.0.1:9799, [::1]:9799 or :9799."]);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}");

    public void Listen(KestrelServerOptions kestrel, Action<ListenOptions> configure)
    {
        if (Host.Length == 0)
            kestrel.ListenAnyIP(Port, configure);
        else if (IPAddress.TryParse(Host, out var address))
            kestrel.Listen(address, Port, configure);
        else if (Port == 0)
            kestrel.Listen(IPAddress.Loopback, 0, configure);
        else
            kestrel.ListenLocalhost(Port, configure);
    }

    // Other names may resolve to several addresses, which may change.
    private static bool IsHost(string host) => host is "" or "localhost" || IPAddress.TryParse(host, out _);
}
