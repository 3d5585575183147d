using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

/// <summary>
/// Stores the samples of one family in arrays of label values and numbers, without an object per plain number. The
/// store adds chunks instead of growing an array, so adding a sample never copies earlier ones. Chunk sizes increase up
/// to a size below the limit of the large object heap. A previous store must have the same stride and no longer change:
/// the new store shares its label values while <see cref="AddRow"/> receives equal labels in the same order.
/// </summary>
internal sealed class SampleStore(int stride, SampleStore? previous = null)
{
    private const int FirstChunkSize = 16;
    private const int MaxArrayLength = 8192;

    private readonly int _maxChunkSize = Math.Max(FirstChunkSize, MaxArrayLength / Math.Max(stride, 1));
    private readonly List<Chunk> _chunks = [];
    private Chunk? _last;
    private SampleStore? _previous = previous;

    public IReadOnlyList<Chunk> Chunks => _chunks;

    public IEnumerable<StoredSample> Samples
    {
        get
        {
            foreach (var chunk in _chunks)
            {
                for (var i = 0; i < chunk.Count; i++)
                    yield return new StoredSample(chunk, i);
            }
        }
    }

    public int Count { get; private set; }

    public SampleSuffix Suffixes { get; private set; }

    /// <summary>Whether <see cref="SampleDetail.Labels"/> of any sample is not null.</summary>
    public bool HasOwnLabels { get; private set; }

    /// <summary>
    /// Adds a sample, and returns its label values for the caller to set, in the order of the label names. All are null
    /// at first.
    /// </summary>
    public Span<string?> Add(double value, double timestamp, SampleDetail? detail)
    {
        StopSharing();
        var chunk = _last is { } last && last.Count < last.Values.Length ? last : Grow();
        var index = chunk.Count++;
        Append(chunk, index, value, detail);
        if (!double.IsNaN(timestamp))
            chunk.SetTimestamp(index, timestamp);
        if (detail is not null)
            chunk.SetDetail(index, detail);
        return chunk.GetLabels(index);
    }

    public void AddRow(double value, SampleDetail? detail, ReadOnlySpan<string?> labels)
    {
        var chunk = _last is { } last && last.Count < last.Values.Length ? last : Grow();
        if (chunk.IsShared && chunk.Matches(chunk.Count, detail, labels))
            Append(chunk, chunk.Count++, value, detail);
        else
            labels.CopyTo(Add(value, UnixSeconds.None, detail));
    }

    /// <summary>Appends the samples of a store of the same stride. Their chunks must not change afterwards.</summary>
    public void Share(SampleStore other)
    {
        _chunks.AddRange(other._chunks);
        _last = null;
        Count += other.Count;
        Suffixes |= other.Suffixes;
        HasOwnLabels |= other.HasOwnLabels;
    }

    public void MarkParsed()
    {
        foreach (var chunk in _chunks)
            chunk.IsParsed = true;
    }

    public SampleStore WithColumn(int position)
    {
        var wider = new SampleStore(stride + 1);
        foreach (var sample in Samples)
        {
            var values = wider.Add(sample.Value, sample.Timestamp, sample.Detail);
            var narrow = sample.LabelValues;
            narrow[..position].CopyTo(values);
            narrow[position..].CopyTo(values[(position + 1)..]);
        }

        return wider;
    }

    public StoredSample? FindFirstDuplicate() => new DuplicateFinder(this).FindFirst();

    private void Append(Chunk chunk, int index, double value, SampleDetail? detail)
    {
        Count++;
        chunk.Values[index] = value;
        Suffixes |= detail?.Suffix ?? SampleSuffix.Main;
        HasOwnLabels |= detail?.Labels is not null;
    }

    private Chunk Grow()
    {
        _last = _chunks.Count < _previous?._chunks.Count
            ? new Chunk(stride, _previous._chunks[_chunks.Count])
            : new Chunk(stride, Math.Clamp(Count, FirstChunkSize, _maxChunkSize));
        _chunks.Add(_last);
        return _last;
    }

    private void StopSharing()
    {
        _previous = null;
        _last?.StopSharing();
    }

    internal sealed class Chunk
    {
        private readonly int _stride;

        public Chunk(int stride, int capacity)
        {
            _stride = stride;
            Values = new double[capacity];
            LabelValues = new string?[capacity * stride];
        }

        /// <summary>Shares the label values and details of a chunk that no longer changes.</summary>
        public Chunk(int stride, Chunk other)
        {
            _stride = stride;
            Values = new double[other.Values.Length];
            (LabelValues, Details, IsShared) = (other.LabelValues, other.Details, true);
        }

        public string?[] LabelValues { get; private set; }

        public double[] Values { get; }

        // If true, the label values and details must not change.
        public bool IsShared { get; private set; }

        /// <summary>Seconds since the Unix epoch; NaN for none. Null if no sample has a timestamp.</summary>
        public double[]? Timestamps { get; private set; }

        // The element of a plain number is null. Null if all samples are plain numbers.
        public SampleDetail?[]? Details { get; private set; }

        public int Count { get; set; }

        /// <summary>Whether the samples come from another library.</summary>
        public bool IsParsed { get; set; }

        public Span<string?> GetLabels(int index) => LabelValues.AsSpan(index * _stride, _stride);

        public bool Matches(int index, SampleDetail? detail, ReadOnlySpan<string?> labels)
        {
            if (!ReferenceEquals(Details?[index], detail))
                return false;
            var own = GetLabels(index);
            for (var i = 0; i < labels.Length; i++)
            {
                // Most label values are the same objects.
                if (!ReferenceEquals(own[i], labels[i]) && own[i] != labels[i])
                    return false;
            }

            return true;
        }

        public void StopSharing()
        {
            if (!IsShared)
                return;
            LabelValues = [.. LabelValues];
            Details = Details is null ? null : [.. Details];
            IsShared = false;

            // Label values and details after the last sample belong to the other store.
            LabelValues.AsSpan(Count * _stride).Clear();
            Details.AsSpan(Math.Min(Count, Details?.Length ?? 0)).Clear();
        }

        public void SetDetail(int index, SampleDetail detail) =>
            (Details ??= new SampleDetail?[Values.Length])[index] = detail;

        public void SetTimestamp(int index, double timestamp)
        {
            if (Timestamps is null)
            {
                Timestamps = new double[Values.Length];
                Array.Fill(Timestamps, UnixSeconds.None);
            }

            Timestamps[index] = timestamp;
        }
    }
}

/// <summary>
/// The rare parts of a sample. <c>Labels</c> contains all labels if the columns do not suffice for them, as in an info;
/// otherwise null. Only the <c>+Inf</c> bucket has a native histogram.
/// </summary>
internal sealed record SampleDetail(
    SampleSuffix Suffix, Exemplar? Exemplar = null, KeyValuePair<string, string>[]? Labels = null,
    NativeHistogram? Native = null)
{
    // Indexed by the suffix. Shared objects, because Chunk.Matches compares references.
    private static readonly SampleDetail[] SuffixOnly =
        [.. Enumerable.Range(0, (int)SampleSuffix.All + 1).Select(suffix => new SampleDetail((SampleSuffix)suffix))];

    public static SampleDetail? Create(
        SampleSuffix suffix, Exemplar? exemplar, KeyValuePair<string, string>[]? labels,
        NativeHistogram? native = null) =>
        exemplar is not null || labels is not null || native is not null
            ? new SampleDetail(suffix, exemplar, labels, native)
        : suffix == SampleSuffix.Main ? null
        : SuffixOnly[(int)suffix];
}
