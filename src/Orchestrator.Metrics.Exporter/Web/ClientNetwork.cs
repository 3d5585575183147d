using System.Net;
using System.Net.Sockets;

namespace Orchestrator.Metrics.Exporter.Web;

internal static class ClientNetwork
{
    /// <summary>
    /// Returns an IPv4 address itself, and the /64 network of an IPv6 address: one host can use all addresses of such a
    /// network (RFC 4291, section 2.5.1). Returns <see cref="IPAddress.None"/> for null.
    /// </summary>
    public static IPAddress GetNetwork(IPAddress? address)
    {
        if (address is null)
            return IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes);
    }
}
