using System.Globalization;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Collectors;

/// <summary>
/// Reports process counts, the oldest start and change of processes that are neither completed nor aborted, and the
/// durations of recently ended processes. orchestrator-core does not expose these families.
/// </summary>
internal sealed class OperationalCollector(
    IOperationalRepository repository, MissingSchemaHandler missingSchema, OperationalMetricsOptions options,
    string name) : IMetricsCollector
{
    private const string OldestStart = "wfo_process_oldest_start_timestamp_seconds";
    private const string OldestChange = "wfo_process_oldest_change_timestamp_seconds";

    public static readonly string[] FamilyNames =
        ["wfo_processes", OldestStart, OldestChange, "wfo_process_recent_duration_seconds"];

    /// <summary>The families whose merged series keep the smallest value, because timestamps have no sum.</summary>
    public static readonly string[] MinimumFamilyNames = [OldestStart, OldestChange];

    public static readonly string[] LabelNames = ["is_task", "last_status", "workflow_name", "workflow_target"];

    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var states = await missingSchema.GetRowsOrEmptyAsync<OperationalState>(
            name,
            async token =>
            [
                await repository.GetOperationalStateAsync(options.Window, options.UpperBounds, token)
                    .ConfigureAwait(false)
                    ?? throw new InvalidOperationException(
                        "The repository returned null. Return an OperationalState, with empty lists if there are no " +
                        "processes."),
            ],
            cancellationToken).ConfigureAwait(false);

        // Sorted, because the order in which a database returns groups may change from scrape to scrape.
        return
        [
            .. CreateProcessFamilies(Sort(states.SelectMany(state => state.Processes), GetLabels)),
            CreateRecentDurations(Sort(states.SelectMany(state => state.RecentlyEnded), GetLabels)),
        ];
    }

    private static MetricFamily[] CreateProcessFamilies(IEnumerable<ProcessGroup> groups)
    {
        var counts = MetricFamily.Gauge(
            "wfo_processes",
            "Number of processes per status, workflow, and target, with and without subscriptions.",
            LabelNames);
        var starts = MetricFamily.Gauge(
            OldestStart,
            "Unix timestamp of the earliest start of a process that is neither completed nor aborted.",
            LabelNames,
            unit: "seconds");
        var changes = MetricFamily.Gauge(
            OldestChange,
            "Unix timestamp of the least recent change of a process that is neither completed nor aborted.",
            LabelNames,
            unit: "seconds");
        foreach (var group in groups)
        {
            var labels = GetLabels(group);
            counts.Add(group.Count, labels);
            if (group.OldestStart is { } start)
                starts.Add(start, labels);
            if (group.OldestChange is { } change)
                changes.Add(change, labels);
        }

        return [counts, starts, changes];
    }

    private MetricFamily CreateRecentDurations(IEnumerable<EndedProcessGroup> groups)
    {
        var seconds = options.Window.TotalSeconds.ToString(CultureInfo.InvariantCulture);
        var family = MetricFamily.GaugeHistogram(
            "wfo_process_recent_duration_seconds",
            $"Time from start to last change of the processes that ended in the last {seconds} seconds.",
            LabelNames,
            unit: "seconds");
        foreach (var group in groups)
        {
            var buckets = HistogramBuckets.FromCounts(options.UpperBounds, [.. group.BucketCounts]);
            family.Add(MetricPoint.GaugeHistogram(buckets, group.TotalSeconds), GetLabels(group));
        }

        return family;
    }

    private static IEnumerable<T> Sort<T>(IEnumerable<T> groups, Func<T, string[]> labels) =>
        groups.Order(Comparer<T>.Create((x, y) => labels(x).Zip(labels(y), CodePointComparer.Instance.Compare)
            .FirstOrDefault(order => order != 0)));

    private static string[] GetLabels(ProcessGroup group) =>
        [PythonText.FormatBoolean(group.IsTask), group.LastStatus, group.WorkflowName, group.WorkflowTarget];

    private static string[] GetLabels(EndedProcessGroup group) =>
        [PythonText.FormatBoolean(group.IsTask), group.LastStatus, group.WorkflowName, group.WorkflowTarget];
}
