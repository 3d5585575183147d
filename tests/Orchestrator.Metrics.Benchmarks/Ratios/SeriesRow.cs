namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>The row of one series: seven label values and a value, like a row of the process query.</summary>
internal sealed record SeriesRow(
    string CreatedBy, string CustomerId, string IsTask, string LastStatus, string ProductName, string WorkflowName,
    string WorkflowTarget, double Value)
{
    public const string FamilyName = "wfo_process_count";
    public const string Help = "Number of processes.";

    public static readonly string[] LabelNames =
    [
        "created_by", "customer_id", "is_task", "last_status", "product_name", "workflow_name", "workflow_target",
    ];

    private static readonly string[] Statuses = ["completed", "failed", "running", "suspended", "waiting"];
    private static readonly string[] Targets = ["CREATE", "MODIFY", "SYSTEM", "TERMINATE"];

    public string[] LabelValues =>
        [CreatedBy, CustomerId, IsTask, LastStatus, ProductName, WorkflowName, WorkflowTarget];

    /// <summary>
    /// Creates rows with distinct labels, about 236 bytes each as text. Every second value is an integer. The other
    /// values have up to three decimals. Rows with the same label value share one string, like those of a repository.
    /// </summary>
    public static SeriesRow[] Create(int count)
    {
        string[] creators = [.. Enumerable.Range(1, 20).Select(i => $"user{i:00}@acme.org")];
        string[] products = [.. Enumerable.Range(1, 10).Select(i => $"IP Prefix {i:00}")];
        string[] workflows = [.. Enumerable.Range(1, 40).Select(i => $"modify_ip_prefix_{i:00}")];
        string[] customers = [.. Enumerable.Range(0, count / 200 + 1).Select(i => $"8d3f6f0e-1a2b-4c3d-9e8f-{i:000000000000}")];
        return [.. Enumerable.Range(0, count).Select(i => new SeriesRow(
            creators[i % 20], customers[i / 200], i % 2 == 0 ? "True" : "False", Statuses[i % 200 / 40],
            products[i / 2 % 10], workflows[i % 40], Targets[i % 4],
            i % 2 == 0 ? 1 + i * 7 % 4000 : i * 31 % 1_000_000 + i % 1000 / 1000.0))];
    }
}
