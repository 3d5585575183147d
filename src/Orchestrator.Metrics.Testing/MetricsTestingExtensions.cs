using System.Runtime.ExceptionServices;
using System.Text;

namespace Orchestrator.Metrics.Testing;

/// <summary>What a test of a collector needs, with any test framework, without a host and without HTTP.</summary>
public static class MetricsTestingExtensions
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// Runs a collector once as a scrape does, by the same rules, and with a check for duplicate samples
    /// (<see cref="OrchestratorMetricsOptions.CheckDuplicateSamples"/>). To test all collectors of a host, call
    /// <see cref="OrchestratorMetricsRegistry.CollectAsync"/> of its registry instead; the methods below take what that
    /// returns too.
    /// </summary>
    /// <param name="collector">The collector, with whatever it needs.</param>
    /// <param name="cancellationToken">Cancels the token that the collector gets, and ends waiting.</param>
    /// <returns>What the collector returned, read-only.</returns>
    /// <exception cref="InvalidOperationException">
    /// What the collector returned breaks a rule; the message says which.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <remarks>An exception of the collector comes out as it was thrown, with its stack trace.</remarks>
    public static async Task<MetricsSnapshot> ScrapeAsync(
        this IMetricsCollector collector, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collector);
        var registry = new OrchestratorMetricsRegistry(new()
        {
            CheckDuplicateSamples = true,

            // Who debugs a test takes longer than a scrape may.
            CollectorTimeout = TimeSpan.FromDays(1),
        });
        registry.Register(collector);
        try
        {
            return await registry.CollectAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        }
        catch (MetricsCollectionException failure)
        {
            ExceptionDispatchInfo.Throw(failure.InnerException!);
            throw;
        }
    }

    /// <summary>The metrics as text, to the byte as the endpoint writes them.</summary>
    /// <param name="metrics">What was collected.</param>
    /// <param name="format">The format; <see cref="ExpositionFormat.PrometheusText"/> by default.</param>
    public static string ToText(this MetricsSnapshot metrics, ExpositionFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        using var stream = new MemoryStream();
        metrics.WriteAsync(stream, format ?? ExpositionFormat.PrometheusText).GetAwaiter().GetResult();
        return StrictUtf8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>
    /// Compares the metrics with an expected text, by what both mean to Prometheus. Lines and the labels of a series
    /// may come in any order, 17 is 17.0 is 1.7e+01, and indentation, blank lines, line endings and comments do not
    /// matter. All else does: <c># HELP</c>, <c># TYPE</c>, <c># UNIT</c>, names, label
    /// values, numbers, timestamps, exemplars, and that there is nothing more. To compare a part, select it with
    /// <see cref="MetricsSnapshot.Restrict"/>; to compare to the byte, use <see cref="ToText"/>.
    /// </summary>
    /// <param name="metrics">What was collected.</param>
    /// <param name="expected">The expected text; empty if nothing is expected.</param>
    /// <param name="format">
    /// The format of the expected text; <see cref="ExpositionFormat.PrometheusText"/> by default.
    /// </param>
    /// <exception cref="MetricsAssertionException">
    /// They differ, and the message shows in what; or the expected text cannot be read, and the message says where.
    /// </exception>
    public static void AssertEqual(this MetricsSnapshot metrics, string expected, ExpositionFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(expected);
        var collected = ExpositionReader.Read(metrics.ToText(format));
        IReadOnlyList<ExposedFamily> wanted;
        try
        {
            wanted = ExpositionReader.Read(expected);
        }
        catch (FormatException error)
        {
            throw new MetricsAssertionException($"The expected text is not an exposition. {error.Message}");
        }

        if (Comparison.Difference(wanted, collected) is { } difference)
            throw new MetricsAssertionException(difference);
    }

    /// <summary>
    /// Finds names and help texts that break the conventions of Prometheus, by the rules of promlint, which
    /// <c>promtool check metrics</c> applies too. Other than promtool it looks at families without samples as well.
    /// </summary>
    /// <param name="metrics">What was collected.</param>
    /// <param name="exemptInheritedNames">
    /// Whether the <c>_count</c> of the default families is accepted, which are named as in orchestrator-core. True by
    /// default.
    /// </param>
    /// <returns>The problems, in the order of the families; empty if there are none.</returns>
    /// <remarks>
    /// Source of the rules: https://github.com/prometheus/client_golang/tree/main/prometheus/testutil/promlint.
    /// </remarks>
    public static IReadOnlyList<LintProblem> Lint(this MetricsSnapshot metrics, bool exemptInheritedNames = true) =>
        Linter.Lint(ExpositionReader.Read(metrics.ToText()), exemptInheritedNames);
}
