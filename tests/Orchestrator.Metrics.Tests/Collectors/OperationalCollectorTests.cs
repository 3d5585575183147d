using System.Linq.Expressions;
using Microsoft.Extensions.DependencyInjection;
using Moq;

namespace Orchestrator.Metrics.Tests.Collectors;

public class OperationalCollectorTests
{
    private static readonly OperationalState State = new()
    {
        Processes =
        [
            CreateGroup("running", "modify", 2) with { OldestStart = 1_700_000_000.25, OldestChange = 1_700_000_100 },
            CreateGroup("failed", "create", 1) with { OldestStart = 1_600_000_000, OldestChange = 1_650_000_000.5 },
            CreateGroup("running", "create", 3) with { OldestStart = -1.5 },
            CreateGroup("completed", "create", 40),
        ],
        RecentlyEnded =
        [
            CreateEndedGroup("failed", "create", 0.5, [1, 0, 0]),
            CreateEndedGroup("completed", "create", 3_725, [1, 2, 1]),
        ],
    };

    [Test]
    public async Task Rows_give_the_four_families_sorted_by_label_value()
    {
        await using var host = new Host(State, options =>
            (options.Window, options.Buckets) = (TimeSpan.FromDays(1), [1, 3_600]));

        Snapshot.AssertMatches((await host.CollectAsync()).ToText());
    }

    [Test]
    public async Task Families_have_no_lint_problems_and_are_valid_OpenMetrics()
    {
        await using var host = new Host(State, options => options.Buckets = [1, 3_600]);

        var snapshot = await host.CollectAsync();

        Assert.That(snapshot.Lint(), Is.Empty);
        Assert.That(
            snapshot.Families.Select(family => family.Unit), Is.EqualTo(new[] { "", "seconds", "seconds", "seconds" }));
        Assert.That(
            () => MetricsSnapshot.Parse(snapshot.ToText(ExpositionFormat.OpenMetrics), ExpositionParseMode.StrictOpenMetrics),
            Throws.Nothing);
    }

    [Test]
    public async Task Repository_gets_the_window_and_the_finite_bounds_of_the_options()
    {
        await using var host = new Host(Empty, options =>
            (options.Window, options.Buckets) = (TimeSpan.FromSeconds(90), [0.5, 7]));

        await host.CollectAsync();

        host.Repository.Verify(repository => repository.GetOperationalStateAsync(
            TimeSpan.FromSeconds(90), new[] { 0.5, 7 }, It.IsAny<CancellationToken>()));
    }

    [TestCase("last_status")]
    [TestCase("is_task", "last_status", "workflow_name", "workflow_target")]
    public async Task Dropping_labels_sums_numbers_and_keeps_the_earliest_timestamps(params string[] dropped)
    {
        await using var host = new Host(State, collector: options => options.DropLabels = dropped);
        var labels = dropped.Length > 1 ? [] : GetLabels("create");

        var snapshot = await host.CollectAsync();

        Assert.Multiple(() =>
        {
            Assert.That(GetValue(snapshot, "wfo_processes", labels), Is.EqualTo(dropped.Length > 1 ? 46 : 44));
            Assert.That(GetValue(snapshot, OldestStart, labels), Is.EqualTo(-1.5));
            Assert.That(GetValue(snapshot, OldestChange, labels), Is.EqualTo(1_650_000_000.5));
            Assert.That(GetValue(snapshot, Recent + "_gcount", labels), Is.EqualTo(5));
            Assert.That(GetValue(snapshot, Recent + "_gsum", labels), Is.EqualTo(3_725.5));
            Assert.That(GetValue(snapshot, Recent + "_bucket", [.. labels, ("le", "1.0")]), Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Mapping_labels_sums_numbers_and_keeps_the_earliest_timestamps_with_a_prefix_and_added_labels()
    {
        await using var host = new Host(State, collector: options =>
        {
            options.NamePrefix = "acme_";
            options.AddLabels = new Dictionary<string, string> { ["site"] = "Oslo" };
            options.MapLabel("last_status", _ => "any");
            options.MapLabel("workflow_name", _ => "all");
        });
        (string, string)[] labels =
        [
            ("is_task", "False"), ("last_status", "any"), ("site", "Oslo"), ("workflow_name", "all"),
            ("workflow_target", "T"),
        ];

        var snapshot = await host.CollectAsync();

        Assert.Multiple(() =>
        {
            Assert.That(GetValue(snapshot, "acme_wfo_processes", labels), Is.EqualTo(46));
            Assert.That(GetValue(snapshot, "acme_" + OldestStart, labels), Is.EqualTo(-1.5));
            Assert.That(GetValue(snapshot, "acme_" + OldestChange, labels), Is.EqualTo(1_650_000_000.5));
            Assert.That(GetValue(snapshot, $"acme_{Recent}_gsum", labels), Is.EqualTo(3_725.5));
        });
    }

    [Test]
    public async Task Missing_schema_gives_empty_families_until_a_run_has_read_the_schema_and_then_fails()
    {
        await using var host = new Host(State);
        host.Repository.SetupSequence(Call).ThrowsAsync(new SchemaNotFoundException()).ReturnsAsync(State)
            .ThrowsAsync(new SchemaNotFoundException());

        Assert.That((await host.CollectAsync()).Families.Sum(family => family.SampleCount), Is.Zero);
        Assert.That((await host.CollectAsync()).Families.Sum(family => family.SampleCount), Is.Positive);
        Assert.That(
            async () => await host.CollectAsync(),
            Throws.InstanceOf<MetricsCollectionException>().With.InnerException.InstanceOf<SchemaNotFoundException>());
    }

    [Test]
    public async Task Null_from_the_repository_is_an_error_with_the_remedy()
    {
        await using var host = new Host(null!);

        Assert.That(
            async () => await host.CollectAsync(),
            Throws.InstanceOf<MetricsCollectionException>().With.InnerException.Message.EqualTo(
                "The repository returned null. Return an OperationalState, with empty lists if there are no processes."));
    }

    [Test]
    public async Task Counts_that_do_not_match_the_buckets_are_an_error()
    {
        await using var host = new Host(State, options => options.Buckets = [1]);

        Assert.That(
            async () => await host.CollectAsync(),
            Throws.InstanceOf<MetricsCollectionException>().With.InnerException.Message.StartsWith(
                "The number of counts is 3, but the number of buckets, including the one up to +Inf, is 2."));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Cache_and_background_refresh_serve_several_scrapes_from_one_run(bool cache)
    {
        await using var host = new Host(State, collector: options =>
        {
            if (cache)
                options.CacheFor = TimeSpan.FromHours(1);
            else
                options.RefreshEvery = TimeSpan.FromHours(1);
        });

        for (var i = 0; i < 3; i++)
        {
            var snapshot = await host.CollectAsync();
            var processes = GetValue(snapshot, "wfo_processes", [("last_status", "failed"), .. GetLabels("create")]);
            Assert.That(processes, Is.EqualTo(1));
        }

        host.Repository.Verify(Call, Times.Once());
    }

    [Test]
    public async Task Operational_repository_without_AddOperationalMetrics_adds_no_family()
    {
        using var host = new DefaultCollectorHost();
        await using var services = new ServiceCollection()
            .AddScoped(_ => Mock.Of<IOperationalRepository>())
            .AddScoped(_ => host.Subscriptions.Object)
            .AddScoped(_ => host.Processes.Object)
            .AddScoped(_ => host.Engine.Object)
            .AddOrchestratorMetrics()
            .Services.BuildServiceProvider(validateScopes: true);

        var text = (await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon()).ToText();

        Assert.That(text, Is.EqualTo(GoldenRows.Exposition));
    }

    private const string OldestStart = "wfo_process_oldest_start_timestamp_seconds";
    private const string OldestChange = "wfo_process_oldest_change_timestamp_seconds";
    private const string Recent = "wfo_process_recent_duration_seconds";

    private static OperationalState Empty => new() { Processes = [], RecentlyEnded = [] };

    private static readonly Expression<Func<IOperationalRepository, Task<OperationalState>>> Call =
        repository => repository.GetOperationalStateAsync(
            It.IsAny<TimeSpan>(), It.IsAny<IReadOnlyList<double>>(), It.IsAny<CancellationToken>());

    private static (string, string)[] GetLabels(string workflow) =>
        [("is_task", "False"), ("workflow_name", workflow), ("workflow_target", "T")];

    private static double GetValue(MetricsSnapshot snapshot, string sample, (string, string)[] labels) =>
        snapshot.TryGetValue(sample, out var value, labels) ? value : throw new AssertionException($"No sample {sample}.");

    private static ProcessGroup CreateGroup(string status, string workflow, long count) => new()
    {
        LastStatus = status,
        IsTask = false,
        WorkflowName = workflow,
        WorkflowTarget = "T",
        Count = count,
    };

    private static EndedProcessGroup CreateEndedGroup(
        string status, string workflow, double seconds, long[] counts) => new()
        {
            LastStatus = status,
            IsTask = false,
            WorkflowName = workflow,
            WorkflowTarget = "T",
            BucketCounts = counts,
            TotalSeconds = seconds,
        };

    private sealed class Host : IAsyncDisposable
    {
        private readonly ServiceProvider _services;

        public Host(
            OperationalState state, Action<OperationalMetricsOptions>? configure = null,
            Action<CollectorOptions>? collector = null)
        {
            Repository.Setup(Call).ReturnsAsync(state);
            _services = new ServiceCollection()
                .AddScoped(_ => Repository.Object)
                .AddOrchestratorMetrics()
                .AddOperationalMetrics(configure ?? (options => options.Buckets = [1, 60]), collector)
                .Services.BuildServiceProvider(validateScopes: true);
        }

        public Mock<IOperationalRepository> Repository { get; } = new();

        public Task<MetricsSnapshot> CollectAsync() =>
            _services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync().Soon();

        public ValueTask DisposeAsync() => _services.DisposeAsync();
    }
}
