using System.Text.Json;

namespace Orchestrator.Metrics.Tests;

/// <summary>The rows whose exposition is <c>golden/default-metrics.txt</c>.</summary>
internal static class GoldenRows
{
    private static readonly JsonElement Rows =
        JsonDocument.Parse(File.ReadAllBytes(TestFiles.Golden("default-metrics.rows.json"))).RootElement;

    /// <summary>The expected response of the endpoint, byte for byte.</summary>
    public static byte[] Exposition => File.ReadAllBytes(TestFiles.Golden("default-metrics.txt"));

    public static IReadOnlyList<SubscriptionCount> Subscriptions { get; } =
    [
        .. Rows.GetProperty("subscriptions").EnumerateArray().Select(row => new SubscriptionCount
        {
            ProductName = Text(row, "product_name"),
            LifecycleState = Text(row, "lifecycle_state"),
            CustomerId = Text(row, "customer_id"),
            InSync = bool.Parse(Text(row, "insync")),
            Count = row.GetProperty("count").GetInt64(),
        }),
    ];

    public static IReadOnlyList<ProcessCount> Processes { get; } =
    [
        .. Rows.GetProperty("processes").EnumerateArray().Select(row => new ProcessCount
        {
            LastStatus = Text(row, "last_status"),
            CreatedBy = Text(row, "created_by"),
            IsTask = bool.Parse(Text(row, "is_task")),
            ProductName = Text(row, "product_name"),
            WorkflowName = Text(row, "workflow_name"),
            CustomerId = Text(row, "customer_id"),
            WorkflowTarget = Text(row, "workflow_target"),
            Count = row.GetProperty("count").GetInt64(),
            TotalSeconds = row.GetProperty("total_seconds").GetDouble(),
        }),
    ];

    public static WorkflowEngineState Engine { get; } = new()
    {
        GlobalLock = Rows.GetProperty("engine").GetProperty("global_lock").GetBoolean(),
        RunningProcesses = Rows.GetProperty("engine").GetProperty("running_processes").GetInt64(),
    };

    private static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
