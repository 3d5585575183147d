namespace Sample.Demo;

/// <summary>A process that has not ended. Without a product tag, its subscription can be of any product.</summary>
internal sealed record UnfinishedProcess(
    string Status, string Target, string? ProductTag, TimeSpan SinceStart, TimeSpan SinceChange, string? Note = null);

/// <summary>The unfinished processes at the end of the history.</summary>
internal static class UnfinishedProcesses
{
    /// <summary>Processes that a person handles. Their note excludes them from the simulated engine.</summary>
    public static readonly IReadOnlyList<UnfinishedProcess> Stuck =
    [
        new("suspended", "CREATE", null, Days(9.4), Days(8.2), "The customer has not confirmed the VLAN."),
        new("suspended", "MODIFY", "IPTRUNK", Hours(27), Hours(26.5), "Optics are ordered."),
        new("suspended", "TERMINATE", "EDGE_PORT", Hours(4.1), Hours(4), "The customer asked for another day."),
        new("waiting", "CREATE", null, Hours(31), Minutes(24), "The device is not reachable yet."),
        new("waiting", "MODIFY", "NODE", Hours(2.3), Minutes(24), "The device is not reachable yet."),
        new("awaiting_callback", "CREATE", null, Minutes(52), Minutes(49), "The partner network has not called back."),
        new("failed", "MODIFY", "NODE", Days(4.6), Days(4.6), "Software bug, ticket 4711."),
        new("failed", "MODIFY", "NODE", Days(2.2), Days(2.2), "Software bug, ticket 4711."),
        new("failed", "MODIFY", "NODE", Hours(20), Hours(19.9), "Software bug, ticket 4711."),
        new("failed", "MODIFY", "NODE", Minutes(35), Minutes(34), "Software bug, ticket 4711."),
        new("failed", "VALIDATE", "ROUTER", Days(1.3), Days(1.3), "The configuration was changed by hand."),
        new("failed", "VALIDATE", "ROUTER", Hours(7), Hours(7), "The configuration was changed by hand."),
        new("failed", "RECONCILE", "L2VPN", Hours(3), Hours(2.9), "The MTU differs."),
        new("api_unavailable", "MODIFY", "SITE", Hours(11), Hours(10.8), "IPAM was down for maintenance."),
        new("api_unavailable", "VALIDATE", "SITE", Hours(11), Hours(10.9), "IPAM was down for maintenance."),
        new("inconsistent_data", "RECONCILE", "GEANT_IP", Days(12), Days(11.5), "IPAM has another prefix."),
    ];

    /// <summary>Processes in statuses that last only for a moment.</summary>
    public static readonly IReadOnlyList<UnfinishedProcess> JustStarted =
    [
        new("created", "VALIDATE", "IPTRUNK", Milliseconds(300), Milliseconds(300)),
        new("created", "MODIFY", "GEANT_IP", Milliseconds(200), Milliseconds(200)),
        new("resumed", "MODIFY", "EDGE_PORT", Minutes(1), Milliseconds(100)),
    ];

    private static TimeSpan Days(double days) => TimeSpan.FromDays(days);

    private static TimeSpan Hours(double hours) => TimeSpan.FromHours(hours);

    private static TimeSpan Minutes(double minutes) => TimeSpan.FromMinutes(minutes);

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);
}
