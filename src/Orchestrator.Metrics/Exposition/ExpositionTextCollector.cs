using System.Buffers;
using Orchestrator.Metrics.Exposition.Parsing;

namespace Orchestrator.Metrics;

/// <summary>
/// Exports the metrics of another library that writes its exposition to a stream. The text is parsed into metric
/// families, which are served in every format and treated like the families of any other collector. Thread-safe if the
/// delegates are.
/// </summary>
/// <remarks>
/// <para>
/// The text is Prometheus text (0.0.4 or 1.0.0) or, if its last line is <c># EOF</c>, OpenMetrics 1.0. Names, labels,
/// values, timestamps, exemplars, types, units, help texts and the order of families and samples are kept, as is the
/// spelling of bucket bounds (<c>le</c>) and quantiles. The labels of a sample are sorted by name. Input that
/// <see cref="MetricFamily"/> rejects is accepted, such as a negative sum, a counter that is NaN, or label names that
/// differ within a family.
/// </para>
/// <para>
/// A counter whose sample names do not end in <c>_total</c> keeps its name. OpenMetrics does not allow such counters,
/// so the counter is of type unknown in OpenMetrics.
/// </para>
/// </remarks>
public sealed class ExpositionTextCollector : IMetricsCollector
{
    private readonly Func<Stream, CancellationToken, Task> _write;

    /// <summary>Creates a collector.</summary>
    /// <param name="write">
    /// The delegate that writes the complete text, at most 256 MiB, on each call. It may close the stream. It must
    /// throw if it fails, and must not write after its task has completed.
    /// </param>
    public ExpositionTextCollector(Func<Stream, CancellationToken, Task> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        _write = write;
    }

    /// <summary>
    /// Corrects text that deviates from the format. Receives the complete text, which the delegate may modify, and
    /// returns the text to parse. Null, the default, leaves the text unchanged. An exception fails the run.
    /// </summary>
    public Func<Memory<byte>, ReadOnlyMemory<byte>>? CorrectText { get; init; }

    internal ArrayPool<byte> Pool { get; init; } = ArrayPool<byte>.Shared;

    /// <summary>Writes and parses the text.</summary>
    /// <param name="cancellationToken">Passed to the delegate that writes the text. Also stops parsing.</param>
    /// <returns>The families, in the order of the text.</returns>
    /// <exception cref="FormatException">
    /// The text is invalid, or may be truncated because its last line does not end in a line feed. The message states
    /// the line and the cause.
    /// </exception>
    /// <exception cref="InvalidOperationException">The text is longer than 256 MiB.</exception>
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var stream = new PooledTextStream(Pool);
        try
        {
            await _write(stream, cancellationToken).ConfigureAwait(false);
            var text = stream.End();
            return ExpositionParser.Parse(
                (CorrectText?.Invoke(text) ?? text).Span, ExpositionParseMode.Lenient, requireFinalLineFeed: true,
                cancellationToken);
        }
        finally
        {
            stream.Release();
        }
    }
}
