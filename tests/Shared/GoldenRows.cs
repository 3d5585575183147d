using System.Text.Json;

namespace Orchestrator.Metrics.Tests;

/// <summary>The rows whose exposition is <c>golden/default-metrics.txt</c>.</summary>
internal static class GoldenRows
{
    private static readonly JsonElement Rows =
        JsonDocument.Parse(File.ReadAllBytes(TestFiles.GetGolden("default-metrics.rows.json"))).RootElement;

    public static byte[] Exposition => File.ReadAllBytes(TestFiles.GetGolden("default-metrics.txt"));

    public static IReadOnlyList<SubscriptionCount> Subscriptions { get; } =
    [
        .. Rows.GetProperty("subscriptions").EnumerateArray().Select(row => new SubscriptionCount
        {
            ProductName = GetText(row, "product_name"),
            LifecycleState = GetText(row, "lifecycle_state"),
            CustomerId = GetText(row, "customer_id"),
            InSync = bool.Parse(GetText(row, "insync")),
            Count = row.GetProperty("count").GetInt64(),
        }),
    ];

    public static IReadOnlyList<ProcessCount> Processes { get; } =
    [
        .. Rows.GetProperty("processes").EnumerateArray().Select(row => new ProcessCount
        {
            LastStatus = GetText(row, "last_status"),
            CreatedBy = GetText(row, "created_by"),
            IsTask = bool.Parse(GetText(row, "is_task")),
            ProductName = GetText(row, "product_name"),
            WorkflowName = GetText(row, "workflow_name"),
            CustomerId = GetText(row, "customer_id"),
            WorkflowTarget = GetText(row, "workflow_target"),
            Count = row.GetProperty("count").GetInt64(),
            TotalSeconds = row.GetProperty("total_seconds").GetDouble(),
        }),
    ];

    public static WorkflowEngineState Engine { get; } = new()
    {
        GlobalLock = Rows.GetProperty("engine").GetProperty("global_lock").GetBoolean(),
        RunningProcesses = Rows.GetProperty("engine").GetProperty("running_processes").GetInt64(),
    };

    private static string GetText(JsonElement row, string name) => row.GetProperty(name).GetString()!;
}
