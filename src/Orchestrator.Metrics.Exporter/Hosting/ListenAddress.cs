using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Hosting;

/// <summary>An address to listen on, as Go programs write it: <c>localhost:9799</c>, or <c>:9799</c> for all.</summary>
/// <param name="Host">The name or IP address; empty for all interfaces.</param>
/// <param name="Port">The port; 0 for a free one.</param>
internal sealed record ListenAddress(string Host, int Port)
{
    /// <exception cref="ConfigurationException">The text is not an address.</exception>
    public static ListenAddress Parse(string text)
    {
        var colon = text.LastIndexOf(':');
        var host = colon < 0 ? "" : text[..colon].Trim('[', ']');
        return colon >= 0 && IsHost(host) && ushort.TryParse(
            text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? new(host, port)
            : throw new ConfigurationException(
                [$"web.listen_address '{text}' is not an address. Write localhost:9799, 10.0.0.1:9799, [::1]:9799 or :9799."]);
    }

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

    // Other names may resolve to several addresses, which change.
    private static bool IsHost(string host) => host is "" or "localhost" || IPAddress.TryParse(host, out _);
}
