namespace Sample.Demo;

internal sealed record Product(string Id, string Name, string Type, string Tag);

/// <summary>A workflow. Without a product, it applies to subscriptions of any product, or to no subscription.</summary>
internal sealed record Workflow(string Id, string Name, string Target, bool IsTask, string? ProductId);

/// <summary>The products, customers and workflows of a fictitious network operator.</summary>
internal static class Catalogue
{
    public const string SystemUser = "SYSTEM";

    /// <summary>
    /// The users who start workflows; null for a process without a creator. Users with several entries start more
    /// workflows.
    /// </summary>
    public static readonly IReadOnlyList<string?> Users =
    [
        "anna.devries@example.net", "anna.devries@example.net", "anna.devries@example.net", "jonas.weber@example.net",
        "jonas.weber@example.net", "maria.silva@example.net", "noc@example.net", null,
    ];

    public static readonly IReadOnlyList<string> Customers =
    [
        "00000000-0000-0000-0000-000000000000", "00000000-0000-0000-0000-000000000000",
        "00000000-0000-0000-0000-000000000000", "12345678-1234-abcd-deff-123456789012",
        "8d3f6f0e-52b1-4a0c-9f6d-1c7a5a1e4b20", "c37bbc49-d7e2-e611-80e3-0050569e58e2",
    ];

    /// <summary>The steps of every workflow. Real workflows have different steps.</summary>
    public static readonly IReadOnlyList<string> Steps =
        ["Start", "Check preconditions", "Reserve resources", "Deploy configuration", "Check the service", "Done"];

    /// <summary>
    /// The statuses that a process never leaves. Failed processes are unfinished, because they must be retried or
    /// aborted.
    /// </summary>
    public static readonly IReadOnlyList<string> FinalStatuses = ["completed", "aborted"];

    public static readonly IReadOnlyList<string> LicenceVendors = ["Arista", "Juniper", "Nokia"];

    public static readonly IReadOnlyList<Product> Products =
    [
        new(CreateUuid(1), "Router", "Router", "ROUTER"),
        new(CreateUuid(2), "IP trunk", "Iptrunk", "IPTRUNK"),
        new(CreateUuid(3), "Site", "Site", "SITE"),
        new(CreateUuid(4), "Edge Port", "EdgePort", "EDGE_PORT"),
        new(CreateUuid(5), "Node", "Node", "NODE"),
        new(CreateUuid(6), "L2VPN", "L2vpn", "L2VPN"),
        new(CreateUuid(7), "GÉANT IP", "L3CoreService", "GEANT_IP"),
    ];

    public static readonly Workflow ModifyNote = new(CreateUuid(100), "modify_note", "MODIFY", false, null);

    public static readonly Workflow CleanUpTasks = new(CreateUuid(101), "task_clean_up_tasks", "SYSTEM", true, null);

    public static readonly IReadOnlyList<Workflow> Workflows =
        [ModifyNote, CleanUpTasks, .. Products.SelectMany(CreateWorkflows)];

    public static Workflow FindWorkflow(string target, string productId) =>
        Workflows.Single(workflow => workflow.Target == target && workflow.ProductId == productId);

    private static IEnumerable<Workflow> CreateWorkflows(Product product, int index)
    {
        string[] targets = ["CREATE", "MODIFY", "TERMINATE", "VALIDATE", "RECONCILE"];
        return targets.Select((target, number) => new Workflow(
            CreateUuid(200 + 10 * index + number),
            $"{target.ToLowerInvariant()}_{product.Tag.ToLowerInvariant()}",
            target,
            IsTask: target == "VALIDATE",
            product.Id));
    }

    private static string CreateUuid(int number) => $"5a3c0de0-0000-4000-8000-{number:D12}";
}
