using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Orchestrator.Metrics.Redis;

/// <summary>
/// The value of a key: a header, followed either by the families as text compressed with gzip, or by the token of the
/// replica that is running the collector. A value with neither makes each replica run the collector itself. The current
/// age of the families is <c>MaxAge</c> minus the TTL of the key.
/// </summary>
internal sealed record StoredValue(
    IReadOnlyList<MetricFamily>? Families, bool IsRun, TimeSpan MaxAge, TimeSpan Duration)
{
    /// <summary>
    /// The longest time that a header may contain. Longer ages and lifetimes are implausible, and their sums must not
    /// overflow.
    /// </summary>
    public static readonly TimeSpan LongestTime = TimeSpan.FromDays(365);

    private const int HeaderLength = 4 + 2 * sizeof(long) + sizeof(int);
    private const int TokenLength = 16;

    // The highest ratio of deflate: https://zlib.net/zlib_tech.html.
    private const int MaxRatio = 1032;

    // The last digit is the version of the format.
    private static ReadOnlySpan<byte> Magic => "OMR2"u8;

    // OpenMetrics supports exemplars and units. Only Prometheus text allows counters without the suffix '_total'.
    private static readonly ExpositionFormat[] Formats =
    [
        ExpositionFormat.OpenMetrics.WithEscaping(EscapingScheme.AllowUtf8),
        ExpositionFormat.PrometheusTextV1.WithEscaping(EscapingScheme.AllowUtf8),
    ];

    // Together, they represent everything that a family can contain; only the last one supports native histograms.
    private static readonly ExpositionFormat[] ComparedFormats =
        [.. Formats, ExpositionFormat.Protobuf.WithEscaping(EscapingScheme.AllowUtf8)];

    /// <summary>
    /// Returns the families as compressed text, preceded by space for a header; null if no text format preserves them.
    /// </summary>
    public static byte[]? TryWriteFamilies(IReadOnlyList<MetricFamily> families)
    {
        var snapshot = new MetricsSnapshot(families);
        foreach (var format in Formats)
        {
            var text = new ArrayBufferWriter<byte>();
            snapshot.Write(text, format);
            if (IsSame(snapshot, text.WrittenSpan))
                return Compress(text);
        }

        return null;
    }

    private static byte[] Compress(ArrayBufferWriter<byte> text)
    {
        using var stream = new MemoryStream();
        stream.Write(new byte[HeaderLength]);
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(text.WrittenSpan);
        var bytes = stream.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(HeaderLength - sizeof(int)), text.WrittenCount);
        return bytes;
    }

    public static byte[] CreateWithoutFamilies() => new byte[HeaderLength];

    public static byte[] CreateRunToken()
    {
        var bytes = new byte[HeaderLength + TokenLength];
        WriteHeader(bytes, TimeSpan.Zero, TimeSpan.Zero);
        RandomNumberGenerator.Fill(bytes.AsSpan(HeaderLength));
        return bytes;
    }

    public static void WriteHeader(Span<byte> bytes, TimeSpan maxAge, TimeSpan duration)
    {
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[4..], maxAge.Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[12..], duration.Ticks);
    }

    /// <exception cref="FormatException">The value is corrupt, or not from this version of the package.</exception>
    public static StoredValue Read(byte[] bytes)
    {
        if (bytes.Length < HeaderLength || !bytes.AsSpan().StartsWith(Magic))
            throw new FormatException("The value is not a result of this version of Orchestrator.Metrics.Redis.");
        var header = bytes.AsSpan(0, HeaderLength);
        var (maxAge, duration) = (ReadTime(header[4..]), ReadTime(header[12..]));
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[20..]);
        if (length == 0 && bytes.Length is HeaderLength or HeaderLength + TokenLength)
            return new(null, IsRun: bytes.Length > HeaderLength, maxAge, duration);
        if (length <= 0 || length > (long)MaxRatio * (bytes.Length - HeaderLength))
            throw CreateException(null);
        try
        {
            var text = new byte[length];
            using var gzip = new GZipStream(
                new MemoryStream(bytes, HeaderLength, bytes.Length - HeaderLength), CompressionMode.Decompress);
            gzip.ReadExactly(text);
            return gzip.ReadByte() < 0
                ? new(MetricsSnapshot.Parse(text).Families, IsRun: false, maxAge, duration)
                : throw CreateException(null);
        }
        catch (Exception exception) when (
            exception is InvalidDataException or EndOfStreamException or FormatException or OutOfMemoryException)
        {
            // The parser's message would add label values to the log. In a foreign value, the length may be any number,
            // so the allocation may fail.
            throw CreateException(exception);
        }
    }

    private static TimeSpan ReadTime(ReadOnlySpan<byte> bytes)
    {
        var time = new TimeSpan(BinaryPrimitives.ReadInt64LittleEndian(bytes));
        return time >= TimeSpan.Zero && time <= LongestTime ? time : throw CreateException(null);
    }

    private static FormatException CreateException(Exception? inner) => new("The value is corrupt.", inner);

    // Called in the background for each result. A list of the data that text loses would repeat the rules of the
    // writers and the parser, and a missing rule would lose data silently.
    private static bool IsSame(MetricsSnapshot snapshot, ReadOnlySpan<byte> text)
    {
        try
        {
            var copy = MetricsSnapshot.Parse(text);
            return Array.TrueForAll(
                ComparedFormats, format => Hash(snapshot, format).SequenceEqual(Hash(copy, format)));
        }
        catch (FormatException)
        {
            return false;
        }
    }

    private static byte[] Hash(MetricsSnapshot snapshot, ExpositionFormat format)
    {
        using var hash = new HashingWriter();
        snapshot.Write(hash, format);
        return hash.GetHash();
    }

    /// <summary>Hashes the written bytes, so that large expositions need not be in memory twice.</summary>
    private sealed class HashingWriter : IBufferWriter<byte>, IDisposable
    {
        private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        private byte[] _buffer = [];

        public byte[] GetHash() => _hash.GetHashAndReset();

        public void Advance(int count) => _hash.AppendData(_buffer, 0, count);

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (_buffer.Length < Math.Max(sizeHint, 1))
                _buffer = new byte[Math.Max(sizeHint, 64 * 1024)];
            return _buffer;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public void Dispose() => _hash.Dispose();
    }
}
