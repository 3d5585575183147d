using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Model;

/// <summary>
/// Stores the samples of one family in arrays of label values and numbers, without an object per plain number. The
/// store adds chunks instead of growing an array, so adding a sample never copies earlier ones. Chunk sizes increase up
/// to a size below the limit of the large object heap.
/// </summary>
/// <param name="stride">The number of label values per sample, including the one that the type adds.</param>
/// <param name="previous">
/// A store of the same stride that no longer changes; null for none. The new store shares the label values of that
/// store while <see cref="AddRow"/> receives equal labels in the same order.
/// </param>
internal sealed class SampleStore(int stride, SampleStore? previous = null)
{
    private const int FirstChunk = 16;
    private const int LargestArray = 8192;

    private readonly int _largestChunk = Math.Max(FirstChunk, LargestArray / Math.Max(stride, 1));
    private readonly List<Chunk> _chunks = [];
    private Chunk? _last;
    private SampleStore? _previous = previous;

    public IReadOnlyList<Chunk> Chunks => _chunks;

    /// <summary>The samples, in the order in which they were added.</summary>
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

    /// <summary>The suffixes that occur at least once.</summary>
    public SampleSuffix Suffixes { get; private set; }

    /// <summary>Whether any sample stores its labels itself, in <see cref="SampleDetail.Labels"/>.</summary>
    public bool HasOwnLabels { get; private set; }

    /// <summary>
    /// Adds a sample and returns the span for its label values, in the order of the label names. All values are null at
    /// first.
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

    /// <summary>Adds a sample without a timestamp.</summary>
    /// <param name="value">The value.</param>
    /// <param name="detail">The detail, or null.</param>
    /// <param name="labels">The label values, in the order of the label names.</param>
    public void AddRow(double value, SampleDetail? detail, ReadOnlySpan<string?> labels)
    {
        var chunk = _last is { } last && last.Count < last.Values.Length ? last : Grow();
        if (chunk.IsShared && chunk.Matches(chunk.Count, detail, labels))
            Append(chunk, chunk.Count++, value, detail);
        else
            labels.CopyTo(Add(value, UnixSeconds.None, detail));
    }

    /// <summary>
    /// Appends the samples of a store of the same stride without copying. Their chunks must not change afterwards.
    /// </summary>
    public void Share(SampleStore other)
    {
        _chunks.AddRange(other._chunks);
        _last = null;
        Count += other.Count;
        Suffixes |= other.Suffixes;
        HasOwnLabels |= other.HasOwnLabels;
    }

    /// <summary>Marks all samples as coming from another library.</summary>
    public void MarkParsed()
    {
        foreach (var chunk in _chunks)
            chunk.IsParsed = true;
    }

    /// <summary>
    /// Returns a copy with an additional column at a position. The label values of the column are null.
    /// </summary>
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

    /// <summary>
    /// Returns the first sample with the same suffix, labels and timestamp as an earlier one; null if there is none.
    /// </summary>
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
            : new Chunk(stride, Math.Clamp(Count, FirstChunk, _largestChunk));
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

        /// <summary>Shares the label values and details of another chunk, which no longer changes.</summary>
        public Chunk(int stride, Chunk other)
        {
            _stride = stride;
            Values = new double[other.Values.Length];
            (LabelValues, Details, IsShared) = (other.LabelValues, other.Details, true);
        }

        public string?[] LabelValues { get; private set; }

        public double[] Values { get; }

        /// <summary>Whether another store shares the label values and details. If so, they must not change.</summary>
        public bool IsShared { get; private set; }

        /// <summary>
        /// Seconds since the Unix epoch; NaN for a sample without a timestamp. The array is null if no sample has a
        /// timestamp.
        /// </summary>
        public double[]? Timestamps { get; private set; }

        /// <summary>
        /// Null for a sample that is a plain number. The array is null if all samples are plain numbers.
        /// </summary>
        public SampleDetail?[]? Details { get; private set; }

        public int Count { get; set; }

        /// <summary>Whether the samples come from another library.</summary>
        public bool IsParsed { get; set; }

        /// <summary>Returns the label values of a sample, in the order of the label names.</summary>
        public Span<string?> GetLabels(int index) => LabelValues.AsSpan(index * _stride, _stride);

        /// <summary>
        /// Returns whether a sample has the given detail object and label values equal to <paramref name="labels"/>.
        /// </summary>
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

/// <summary>The parts of a sample besides its value, its timestamp and the label values in columns.</summary>
/// <param name="Suffix">The suffix that the sample name adds to the name of the family.</param>
/// <param name="Exemplar">The exemplar, or null.</param>
/// <param name="Labels">
/// All labels, if the columns do not suffice for them, as in an info; otherwise null.
/// </param>
/// <param name="Native">The native histogram, if the sample is its <c>+Inf</c> bucket; otherwise null.</param>
internal sealed record SampleDetail(
    SampleSuffix Suffix, Exemplar? Exemplar = null, KeyValuePair<string, string>[]? Labels = null,
    NativeHistogram? Native = null)
{
    // Indexed by the suffix.
    private static readonly SampleDetail[] SuffixOnly =
        [.. Enumerable.Range(0, (int)SampleSuffix.All + 1).Select(suffix => new SampleDetail((SampleSuffix)suffix))];

    /// <summary>
    /// Returns the detail of a sample: a shared object if it consists of a suffix only, null for a plain number.
    /// </summary>
    public static SampleDetail? Create(
        SampleSuffix suffix, Exemplar? exemplar, KeyValuePair<string, string>[]? labels,
        NativeHistogram? native = null) =>
        exemplar is not null || labels is not null || native is not null
            ? new SampleDetail(suffix, exemplar, labels, native)
        : suffix == SampleSuffix.Main ? null
        : SuffixOnly[(int)suffix];
}
