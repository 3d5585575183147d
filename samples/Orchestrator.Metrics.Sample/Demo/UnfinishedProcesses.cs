using static System.TimeSpan;

namespace Sample.Demo;

/// <summary>
/// A process that is neither completed nor aborted. If <c>ProductTag</c> is null, its subscription can belong to any
/// product.
/// </summary>
internal sealed record UnfinishedProcess(
    string Status, string Target, string? ProductTag, TimeSpan SinceStart, TimeSpan SinceChange, string? Note = null);

/// <summary>The unfinished processes at the end of the history.</summary>
internal static class UnfinishedProcesses
{
    /// <summary>Processes that remain stuck, because the simulated engine skips processes with a note.</summary>
    public static readonly IReadOnlyList<UnfinishedProcess> Stuck =
    [
        new("suspended", "CREATE", null, FromDays(9.4), FromDays(8.2), "The customer has not confirmed the VLAN."),
        new("suspended", "MODIFY", "IPTRUNK", FromHours(27), FromHours(26.5), "Optics are on order."),
        new("suspended", "TERMINATE", "EDGE_PORT", FromHours(4.1), FromHours(4), "The customer asked for another day."),
        new("waiting", "CREATE", null, FromHours(31), FromMinutes(24), "The device is not reachable yet."),
        new("waiting", "MODIFY", "NODE", FromHours(2.3), FromMinutes(24), "The device is not reachable yet."),
        new(
            "awaiting_callback", "CREATE", null, FromMinutes(52), FromMinutes(49),
            "The partner network has not called back."),
        new("failed", "MODIFY", "NODE", FromDays(4.6), FromDays(4.6), "Software bug, ticket 4711."),
        new("failed", "MODIFY", "NODE", FromDays(2.2), FromDays(2.2), "Software bug, ticket 4711."),
        new("failed", "MODIFY", "NODE", FromHours(20), FromHours(19.9), "Software bug, ticket 4711."),
        new("failed", "MODIFY", "NODE", FromMinutes(35), FromMinutes(34), "Software bug, ticket 4711."),
        new("failed", "VALIDATE", "ROUTER", FromDays(1.3), FromDays(1.3), "The configuration was changed by hand."),
        new("failed", "VALIDATE", "ROUTER", FromHours(7), FromHours(7), "The configuration was changed by hand."),
        new("failed", "RECONCILE", "L2VPN", FromHours(3), FromHours(2.9), "The MTU differs."),
        new("api_unavailable", "MODIFY", "SITE", FromHours(11), FromHours(10.8), "IPAM was down for maintenance."),
        new("api_unavailable", "VALIDATE", "SITE", FromHours(11), FromHours(10.9), "IPAM was down for maintenance."),
        new("inconsistent_data", "RECONCILE", "GEANT_IP", FromDays(12), FromDays(11.5), "IPAM has another prefix."),
    ];

    /// <summary>Processes in statuses that normally last less than a second.</summary>
    public static readonly IReadOnlyList<UnfinishedProcess> JustStarted =
    [
        new("created", "VALIDATE", "IPTRUNK", FromMilliseconds(300), FromMilliseconds(300)),
        new("created", "MODIFY", "GEANT_IP", FromMilliseconds(200), FromMilliseconds(200)),
        new("resumed", "MODIFY", "EDGE_PORT", FromMinutes(1), FromMilliseconds(100)),
    ];
}
