using System.IO.Pipelines;
using Orchestrator.Metrics.Exposition;
using Orchestrator.Metrics.Model;

namespace Orchestrator.Metrics;

/// <summary>
/// The families of one collection, in the order in which they are written. Immutable and safe for use by several
/// threads.
/// </summary>
public sealed class MetricsSnapshot
{
    /// <summary>Creates a snapshot. The families become read-only.</summary>
    /// <param name="families">The families, in the order in which they are to be written.</param>
    /// <exception cref="ArgumentException">
    /// A family is null, or two of them would write samples of the same name.
    /// </exception>
    public MetricsSnapshot(IEnumerable<MetricFamily> families)
    {
        ArgumentNullException.ThrowIfNull(families);
        Families = [.. families];
        if (Families.Contains(null!))
            throw new ArgumentException("One of the families is null. Leave it out.", nameof(families));
        Entries = [.. Families.Select(family => new Entry(family, SampleSuffix.All))];
        var names = new FamilyNames();
        foreach (var family in Families)
        {
            if (names.TryAdd(family) is { } taken)
                throw new ArgumentException(
                    $"Metric families '{taken.Family}' and '{family.Name}' write samples of the same name. Rename " +
                    "one of them.",
                    nameof(families));
            family.MakeReadOnly();
        }
    }

    private MetricsSnapshot(Entry[] entries)
    {
        Entries = entries;
        Families = Array.ConvertAll(entries, entry => entry.Family);
    }

    /// <summary>The families, in the order in which they are written.</summary>
    public IReadOnlyList<MetricFamily> Families { get; }

    internal Entry[] Entries { get; }

    /// <summary>A snapshot of read-only families whose names are known not to collide.</summary>
    internal static MetricsSnapshot OfDistinct(IEnumerable<MetricFamily> families) =>
        new(families.Select(family => new Entry(family, SampleSuffix.All)).ToArray());

    /// <summary>The part of the snapshot that has one of the names, as <c>?name[]=</c> asks for it.</summary>
    /// <param name="names">
    /// Names of families, which select all their samples, or of samples, such as <c>x_bucket</c>, which select those.
    /// A name that nothing has is ignored. Families without a selected sample are left out, as in
    /// <c>prometheus_client</c>.
    /// </param>
    public MetricsSnapshot Restrict(IReadOnlyCollection<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        var wanted = names.ToHashSet();
        return new(Entries
            .Select(entry => entry with { Samples = entry.Samples & FamilyNames.Selected(entry.Family, wanted) })
            .Where(entry => (entry.Samples & entry.Family.Store.Suffixes) != 0)
            .ToArray());
    }

    /// <summary>Writes the snapshot. The stream is flushed and left open.</summary>
    /// <param name="stream">Where to write to, in blocks of about 60 KiB.</param>
    /// <param name="format">The format.</param>
    /// <param name="cancellationToken">Ends writing between two blocks.</param>
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

    /// <summary>A family and which of its samples are written.</summary>
    internal readonly record struct Entry(MetricFamily Family, SampleSuffix Samples);
}
