using System.Buffers;
using Orchestrator.Metrics.Exposition.Parsing;

namespace Orchestrator.Metrics;

/// <summary>
/// The metrics of another library, which writes them to a stream: a client library's own registry beside this one. Its
/// text is read and becomes families of this registry, so that they are served in every format, with everything that
/// holds for a collector. Safe for use by several threads if what it calls is.
/// </summary>
/// <remarks>
/// <para>
/// The text is Prometheus text (0.0.4 or 1.0.0) or, if its last line is <c># EOF</c>, OpenMetrics 1.0. Names, labels,
/// values, timestamps, exemplars, types and help texts, and the order of families and of the samples in each go through
/// as they are, bounds of buckets (<c>le</c>) and quantiles letter by letter. Labels of a sample are sorted by name.
/// What this library's own families may not do is allowed here: a negative sum, a counter that is NaN, labels that
/// differ within a family.
/// </para>
/// <para>
/// A counter whose samples do not end in <c>_total</c> keeps its name. OpenMetrics has no such counters: there it is of
/// type unknown.
/// </para>
/// </remarks>
public sealed class ExpositionTextCollector : IMetricsCollector
{
    private readonly Func<Stream, CancellationToken, Task> _write;

    /// <summary>Creates a collector.</summary>
    /// <param name="write">
    /// Writes the text, all of it, anew in each call. It may close the stream, which takes no more once the task has
    /// completed. At most 256 MiB. It must throw if it stops half way.
    /// </param>
    public ExpositionTextCollector(Func<Stream, CancellationToken, Task> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        _write = write;
    }

    /// <summary>
    /// Whether the text is what prometheus-net writes as OpenMetrics: it ends with <c># EOF</c>, or was cut off; what
    /// it calls unknown are counters whose samples do not end in <c>_total</c>; help texts have line feeds as they are.
    /// </summary>
    internal bool OfPrometheusNet { get; init; }

    internal ArrayPool<byte> Pool { get; init; } = ArrayPool<byte>.Shared;

    /// <summary>Has the text written and reads it.</summary>
    /// <param name="cancellationToken">Handed to what writes; ends reading.</param>
    /// <returns>The families, in the order of the text.</returns>
    /// <exception cref="FormatException">The text is not valid. The message says which line, and why.</exception>
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var stream = new PooledTextStream(Pool);
        try
        {
            await _write(stream, cancellationToken).ConfigureAwait(false);
            var text = stream.End();
            if (OfPrometheusNet && !text.EndsWith("# EOF\n"u8))
                throw new FormatException("The exposition text does not end with # EOF, so it was cut off.");
            return ExpositionParser.Parse(text, OfPrometheusNet, cancellationToken);
        }
        finally
        {
            stream.Release();
        }
    }
}
