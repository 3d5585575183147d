using Moq;

namespace Orchestrator.Metrics.Tests.Collectors;

public class RowTests
{
    [Test]
    public async Task Null_creator_is_written_as_None()
    {
        using var host = new DefaultCollectorHost(DefaultCollectors.Processes);
        SetUp(host, Row with { CreatedBy = null });

        Assert.That(await host.GetSamplesAsync(), Is.EqualTo(new[]
        {
            "wfo_process_count{created_by=\"None\",customer_id=\"c\",is_task=\"False\",last_status=\"failed\"," +
            "product_name=\"p\",workflow_name=\"w\",workflow_target=\"CREATE\"} 3.0",
            "wfo_process_seconds_total_count{created_by=\"None\",customer_id=\"c\",is_task=\"False\"," +
            "last_status=\"failed\",product_name=\"p\",workflow_name=\"w\",workflow_target=\"CREATE\"} 1.5",
        }));
    }

    [Test]
    public async Task Empty_creator_stays_empty()
    {
        using var host = new DefaultCollectorHost(DefaultCollectors.Processes);
        SetUp(host, Row with { CreatedBy = "" });

        Assert.That((await host.GetSamplesAsync())[0], Does.Contain("created_by=\"\""));
    }

    [TestCase(true, "True")]
    [TestCase(false, "False")]
    public async Task Booleans_are_written_as_in_Python(bool value, string text)
    {
        using var host = new DefaultCollectorHost(DefaultCollectors.Processes | DefaultCollectors.Subscriptions);
        SetUp(host, Row with { IsTask = value });
        host.Subscriptions.Setup(repository => repository.GetSubscriptionCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync([GoldenRows.Subscriptions[0] with { InSync = value }]);

        var samples = await host.GetSamplesAsync();

        Assert.That(samples, Has.Length.EqualTo(3));
        Assert.That(samples[0], Does.Contain($"insync=\"{text}\""));
        Assert.That(samples[1..], Has.All.Contains($"is_task=\"{text}\""));
    }

    [Test]
    public async Task Rows_stay_in_the_order_of_the_repository()
    {
        using var host = new DefaultCollectorHost(DefaultCollectors.Processes);
        SetUp(host, Row with { Count = 1 }, Row with { Count = 7, WorkflowName = "a" },
            Row with { Count = 3, WorkflowName = "b" });

        Assert.That(
            (await host.GetSamplesAsync()).Take(3).Select(line => line[^3..]),
            Is.EqualTo(new[] { "1.0", "7.0", "3.0" }));
    }

    [TestCase(false, 0, "RUNNING")]
    [TestCase(false, 5, "RUNNING")]
    [TestCase(true, 5, "PAUSING")]
    [TestCase(true, 1, "PAUSING")]
    [TestCase(true, 0, "PAUSED")]
    public async Task Exactly_one_engine_status_has_the_value_1(bool locked, long running, string status)
    {
        using var host = new DefaultCollectorHost(DefaultCollectors.WorkflowEngine);
        host.Engine.Setup(repository => repository.GetEngineStateAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(new WorkflowEngineState { GlobalLock = locked, RunningProcesses = running });

        Assert.That(await host.GetSamplesAsync(), Is.EqualTo(new[]
        {
            $"wfo_engine_status{{wfo_engine_status=\"PAUSED\"}} {(status == "PAUSED" ? "1.0" : "0.0")}",
            $"wfo_engine_status{{wfo_engine_status=\"PAUSING\"}} {(status == "PAUSING" ? "1.0" : "0.0")}",
            $"wfo_engine_status{{wfo_engine_status=\"RUNNING\"}} {(status == "RUNNING" ? "1.0" : "0.0")}",
            $"wfo_active_process_count {running}.0",
        }));
    }

    private static ProcessCount Row => new()
    {
        LastStatus = "failed",
        CreatedBy = "me",
        IsTask = false,
        ProductName = "p",
        WorkflowName = "w",
        CustomerId = "c",
        WorkflowTarget = "CREATE",
        Count = 3,
        TotalSeconds = 1.5,
    };

    private static void SetUp(DefaultCollectorHost host, params ProcessCount[] rows) =>
        host.Processes.Setup(repository => repository.GetProcessCountsAsync(It.IsAny<CancellationToken>()))
            .ReturnsAsync(rows);
}
