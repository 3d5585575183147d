using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Orchestrator.Metrics.Exposition;
using Orchestrator.Metrics.Exposition.Parsing;
using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics;

/// <summary>The metric families of one scrape, or of a parsed exposition. Immutable and thread-safe.</summary>
public sealed class MetricsSnapshot
{
    /// <summary>Creates a snapshot. The families become read-only.</summary>
    /// <param name="families">The families, in the order in which they are written.</param>
    /// <exception cref="ArgumentException">
    /// <paramref name="families"/> or a family is null, or two families write samples of the same name.
    /// </exception>
    public MetricsSnapshot(IEnumerable<MetricFamily> families)
    {
        ArgumentNullException.ThrowIfNull(families);
        Families = [.. families];
        if (Families.Contains(null!))
            throw new ArgumentException("One of the families is null. Remove it.", nameof(families));
        Entries = [.. Families.Select(family => new Entry(family, SampleSuffix.All))];
        if (FindFirstConflict(Families) is { } conflict)
            throw new ArgumentException(conflict, nameof(families));
        foreach (var family in Families)
            family.MakeReadOnly();
    }

    private MetricsSnapshot(Entry[] entries)
    {
        Entries = entries;
        Families = Array.ConvertAll(entries, entry => entry.Family);
    }

    /// <summary>The families, in the order in which they are written.</summary>
    public IReadOnlyList<MetricFamily> Families { get; }

    internal Entry[] Entries { get; }

    // The families must be read-only, and their names must not conflict.
    internal static MetricsSnapshot CreateDistinct(IEnumerable<MetricFamily> families) =>
        new(families.Select(family => new Entry(family, SampleSuffix.All)).ToArray());

    /// <summary>
    /// Parses Prometheus text (0.0.4 or 1.0.0) or, if the last line is <c># EOF</c>, OpenMetrics 1.0.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="mode">The treatment of deviations from the format.</param>
    /// <exception cref="FormatException">
    /// The text is invalid. The message states the cause and, if one line is invalid, its number.
    /// </exception>
    public static MetricsSnapshot Parse(string text, ExpositionParseMode mode = ExpositionParseMode.Lenient)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Parse(Encoding.UTF8.GetBytes(text), mode);
    }

    /// <inheritdoc cref="Parse(string, ExpositionParseMode)"/>
    /// <param name="text">The text in UTF-8.</param>
    /// <param name="mode">The treatment of deviations from the format.</param>
    public static MetricsSnapshot Parse(
        ReadOnlySpan<byte> text, ExpositionParseMode mode = ExpositionParseMode.Lenient)
    {
        var families = ExpositionParser.Parse(
            text, mode, requireFinalLineFeed: false, CancellationToken.None);
        return FindFirstConflict(families) is { } conflict
            ? throw new FormatException(conflict)
            : CreateDistinct(families);
    }

    /// <summary>Returns a snapshot of the families and samples with the given names, as <c>?name[]=</c> does.</summary>
    /// <param name="names">
    /// The names of families, which select all their samples, or of samples, such as <c>x_bucket</c>. Unknown names are
    /// ignored. Families without a selected sample are omitted, as in <c>prometheus_client</c>.
    /// </param>
    public MetricsSnapshot Restrict(IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var wanted = names.ToHashSet();
        return new(Entries
            .Select(entry => entry with { Samples = entry.Samples & NameFilter.Select(entry.Family, wanted) })
            .Where(entry => (entry.Samples & entry.Family.Store.Suffixes) != 0)
            .ToArray());
    }

    /// <summary>
    /// Writes the snapshot to a stream, in blocks of about 60 KiB. The stream is flushed and left open.
    /// </summary>
    /// <param name="stream">The stream.</param>
    /// <param name="format">The format.</param>
    /// <param name="cancellationToken">Stops writing between two blocks.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task WriteAsync(
        Stream stream, ExpositionFormat format, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(format);
        var options = new StreamPipeWriterOptions(minimumBufferSize: ExpositionWriter.BufferSize, leaveOpen: true);
        var pipe = PipeWriter.Create(stream, options);
        try
        {
            await ExpositionWriter.WriteAsync(this, format, pipe, cancellationToken).ConfigureAwait(false);
            await pipe.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            await pipe.CompleteAsync(exception).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Writes the snapshot to a pipe, which is flushed after each block of about 60 KiB and not completed. Returns
    /// early if the reader has completed the pipe.
    /// </summary>
    /// <param name="pipe">The pipe, such as the <c>BodyWriter</c> of an HTTP response.</param>
    /// <param name="format">The format.</param>
    /// <param name="cancellationToken">Stops writing between two blocks.</param>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task WriteAsync(PipeWriter pipe, ExpositionFormat format, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(format);
        return ExpositionWriter.WriteAsync(this, format, pipe, cancellationToken);
    }

    /// <summary>Writes the whole snapshot to a buffer.</summary>
    /// <param name="buffer">
    /// The buffer. Each request to it is for 64 KiB of memory, or more for a longer line or protobuf metric.
    /// </param>
    /// <param name="format">The format.</param>
    public void Write(IBufferWriter<byte> buffer, ExpositionFormat format)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        ArgumentNullException.ThrowIfNull(format);
        var writer = ExpositionWriter.Create(this, format);
        while (writer.WriteBlock(buffer))
        {
        }
    }

    /// <summary>Gets the value of one sample, as <c>get_sample_value</c> of <c>prometheus_client</c> does.</summary>
    /// <param name="name">
    /// The name of the sample, with its suffix: <c>acme_jobs_total</c>, not <c>acme_jobs</c>.
    /// </param>
    /// <param name="value">The value, or zero if there is no such sample.</param>
    /// <param name="labels">
    /// All labels of the sample, in any order. Values are compared as strings, so write numbers in <c>le</c> and
    /// <c>quantile</c> as in the exposition: <c>("le", "1.0")</c>.
    /// </param>
    /// <returns>
    /// Whether the snapshot contains such a sample. If several samples differ only in their timestamps, the first one
    /// determines the value.
    /// </returns>
    /// <example>
    /// <code>snapshot.TryGetValue("acme_jobs_waiting", out var value, ("priority", "high"))</code>
    /// </example>
    public bool TryGetValue(
        string name, out double value, params ReadOnlySpan<(string Name, string Value)> labels)
    {
        ArgumentNullException.ThrowIfNull(name);
        foreach (var (family, selected) in Entries)
        {
            if (!name.StartsWith(family.Name, StringComparison.Ordinal))
                continue;
            foreach (var sample in family.SelectSamples(selected))
            {
                if (sample.Name == name && HasLabels(sample, labels))
                {
                    value = sample.Value;
                    return true;
                }
            }
        }

        value = 0;
        return false;
    }

    /// <summary>Returns the snapshot in <see cref="ExpositionFormat.PrometheusText"/>.</summary>
    public override string ToString()
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(buffer, ExpositionFormat.PrometheusText);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static string? FindFirstConflict(IEnumerable<MetricFamily> families)
    {
        var claims = new SampleNameClaims();
        foreach (var family in families)
        {
            if (claims.Find(family) is { } claim)
                return $"Metric families '{claim.Family}' and '{family.Name}' write samples of the same name. Rename " +
                    "one of them.";
            claims.Add(family);
        }

        return null;
    }

    private static bool HasLabels(MetricSample sample, ReadOnlySpan<(string Name, string Value)> labels)
    {
        if (sample.Labels.Count != labels.Length)
            return false;
        foreach (var (name, value) in sample.Labels)
        {
            if (!labels.Contains((name, value)))
                return false;
        }

        return true;
    }

    internal readonly record struct Entry(MetricFamily Family, SampleSuffix Samples);
}
