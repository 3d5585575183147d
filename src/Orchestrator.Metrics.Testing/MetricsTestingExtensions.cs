using System.Runtime.ExceptionServices;
using System.Text;

namespace Orchestrator.Metrics.Testing;

/// <summary>
/// Extensions for tests of collectors. They work with any test framework, without a host and without HTTP.
/// </summary>
public static class MetricsTestingExtensions
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// Runs a collector once, as a scrape does, but with a timeout of one day for debugging. To test all collectors of
    /// a host, call <see cref="OrchestratorMetricsRegistry.CollectAsync"/> of the registry of the host. The other
    /// extensions also accept that snapshot.
    /// </summary>
    /// <param name="collector">The collector.</param>
    /// <param name="cancellationToken">Cancels the token of the collector and stops waiting for it.</param>
    /// <returns>The families of the collector, read-only.</returns>
    /// <exception cref="InvalidOperationException">
    /// A returned family breaks a rule. The message states the rule.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    /// <remarks>An exception of the collector is rethrown unchanged, with its stack trace.</remarks>
    public static async Task<MetricsSnapshot> ScrapeAsync(
        this IMetricsCollector collector, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(collector);
        var registry = new OrchestratorMetricsRegistry(new()
        {
            // A debugger may pause the collector.
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

    /// <summary>Returns the metrics as text, exactly as the endpoint writes them.</summary>
    /// <param name="metrics">The metrics.</param>
    /// <param name="format">The text format; <see cref="ExpositionFormat.PrometheusText"/> by default.</param>
    public static string ToText(this MetricsSnapshot metrics, ExpositionFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        using var stream = new MemoryStream();
        metrics.WriteAsync(stream, format ?? ExpositionFormat.PrometheusText).GetAwaiter().GetResult();
        return StrictUtf8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    /// <summary>
    /// Asserts that the metrics equal an expected exposition. Compares all metadata (<c># HELP</c>, <c># TYPE</c>,
    /// <c># UNIT</c>) and the names, labels, values, timestamps and exemplars of all samples. Numbers are compared as
    /// numbers: 17 equals 1.7e+01, and <c>le="1"</c> equals <c>le="1.0"</c>. The order of lines and labels,
    /// indentation, blank lines, line endings and comments are ignored.
    /// </summary>
    /// <param name="metrics">
    /// The metrics. To compare a part of them, use <see cref="MetricsSnapshot.Restrict"/>.
    /// </param>
    /// <param name="expected">The expected text; empty if no metrics are expected.</param>
    /// <param name="format">
    /// The format of the expected text. Detected by default: text with a line <c># EOF</c> is OpenMetrics, other text
    /// is Prometheus text. Names in quotes are also detected; other escaping is not.
    /// </param>
    /// <exception cref="MetricsAssertionException">The metrics differ, or the expected text is invalid.</exception>
    public static void AssertEqual(this MetricsSnapshot metrics, string expected, ExpositionFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        ArgumentNullException.ThrowIfNull(expected);
        format ??= ExpectedText.DetectFormat(expected);
        var openMetrics = format == ExpositionFormat.OpenMetrics.WithEscaping(format.Escaping);
        ComparedFamily[] wanted;
        try
        {
            wanted = ExpectedText.Parse(expected, openMetrics);
        }
        catch (FormatException exception)
        {
            throw new MetricsAssertionException(exception.Message, exception);
        }

        var collected = ExpectedText.Parse(metrics.ToText(format), openMetrics);
        if (Comparison.DescribeDifferences(wanted, collected) is { } difference)
            throw new MetricsAssertionException(difference);
    }

    /// <summary>
    /// Asserts that the metrics, written as OpenMetrics, comply with all rules of OpenMetrics 1.0
    /// (<see cref="ExpositionParseMode.StrictOpenMetrics"/>). Useful for metrics of other libraries, and for rules that
    /// are not checked while metrics are collected. For example, an exemplar must not exceed the bound of its bucket.
    /// </summary>
    /// <param name="metrics">The metrics.</param>
    /// <exception cref="MetricsAssertionException">
    /// A rule is broken. The message states the rule and, if one line breaks it, the line.
    /// </exception>
    public static void AssertValidOpenMetrics(this MetricsSnapshot metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        try
        {
            MetricsSnapshot.Parse(metrics.ToText(ExpositionFormat.OpenMetrics), ExpositionParseMode.StrictOpenMetrics);
        }
        catch (FormatException exception)
        {
            throw new MetricsAssertionException(
                $"The metrics are not valid OpenMetrics. {exception.Message}", exception);
        }
    }

    /// <summary>
    /// Returns a problem for each name, label and help text that breaks the conventions of Prometheus. Applies the
    /// rules of promlint, as <c>promtool check metrics</c> does. Unlike promtool, also checks families without samples.
    /// </summary>
    /// <param name="metrics">The metrics.</param>
    /// <param name="exemptInheritedNames">
    /// Whether to accept the suffix <c>_count</c> in the names of the default families, which come from
    /// orchestrator-core. True by default.
    /// </param>
    /// <returns>The problems, in the order of the families; empty if there are none.</returns>
    /// <remarks>
    /// Source of the rules: https://github.com/prometheus/client_golang/tree/main/prometheus/testutil/promlint.
    /// </remarks>
    public static IReadOnlyList<LintProblem> Lint(this MetricsSnapshot metrics, bool exemptInheritedNames = true) =>
        Linter.Lint(LintedFamily.CreateAll(metrics), exemptInheritedNames);
}
