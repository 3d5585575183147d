using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;

namespace Orchestrator.Metrics.Redis;

/// <summary>
/// The value of a key: a header, then the families as OpenMetrics, compressed with gzip. A value without families makes
/// each replica run the collector itself.
/// </summary>
/// <param name="Families">The families; null if each replica runs the collector itself.</param>
/// <param name="Lifetime">The lifetime of the key when the value was stored, by which Redis measures its age.</param>
/// <param name="Age">The age of the families when the value was stored.</param>
/// <param name="Duration">The duration of the run.</param>
internal sealed record StoredValue(
    IReadOnlyList<MetricFamily>? Families, TimeSpan Lifetime, TimeSpan Age, TimeSpan Duration)
{
    private const int HeaderLength = 4 + 3 * sizeof(long) + sizeof(int);

    // The highest ratio of deflate: https://zlib.net/zlib_tech.html.
    private const int MaxRatio = 1032;

    // The last digit is the version of the format.
    private static ReadOnlySpan<byte> Magic => "OMR1"u8;

    private static readonly ExpositionFormat Format = ExpositionFormat.OpenMetrics.WithEscaping(
        EscapingScheme.AllowUtf8);

    // Together, they have all that a family can have; only the last one has native histograms.
    private static readonly ExpositionFormat[] ComparedFormats =
    [
        Format, ExpositionFormat.PrometheusTextV1.WithEscaping(EscapingScheme.AllowUtf8),
        ExpositionFormat.Protobuf.WithEscaping(EscapingScheme.AllowUtf8),
    ];

    /// <summary>Returns the families as compressed text, preceded by room for a header.</summary>
    /// <returns>The bytes; null if the text would not be the same families when it is read.</returns>
    public static byte[]? TryWriteFamilies(IReadOnlyList<MetricFamily> families)
    {
        var snapshot = new MetricsSnapshot(families);
        var text = new ArrayBufferWriter<byte>();
        snapshot.Write(text, Format);
        if (!IsSame(snapshot, text.WrittenSpan))
            return null;
        using var stream = new MemoryStream();
        stream.Write(new byte[HeaderLength]);
        using (var gzip = new GZipStream(stream, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(text.WrittenSpan);
        var bytes = stream.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(HeaderLength - sizeof(int)), text.WrittenCount);
        return bytes;
    }

    /// <summary>Returns a value that makes each replica run the collector itself.</summary>
    public static byte[] WithoutFamilies() => new byte[HeaderLength];

    /// <summary>Writes the header into the bytes of the families.</summary>
    public static void WriteHeader(Span<byte> bytes, TimeSpan lifetime, TimeSpan age, TimeSpan duration)
    {
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[4..], lifetime.Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[12..], age.Ticks);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[20..], duration.Ticks);
    }

    /// <exception cref="FormatException">The value is corrupt, or not from this version of the package.</exception>
    public static StoredValue Read(byte[] bytes)
    {
        if (bytes.Length < HeaderLength || !bytes.AsSpan().StartsWith(Magic))
            throw new FormatException("The value is not a result of this version of Orchestrator.Metrics.Redis.");
        var header = bytes.AsSpan(0, HeaderLength);
        var (lifetime, age, duration) = (Time(header[4..]), Time(header[12..]), Time(header[20..]));
        var length = BinaryPrimitives.ReadInt32LittleEndian(header[28..]);
        if (length == 0 && bytes.Length == HeaderLength)
            return new(null, lifetime, age, duration);
        if (length <= 0 || length > (long)MaxRatio * (bytes.Length - HeaderLength))
            throw Corrupt(null);
        var text = new byte[length];
        try
        {
            using var gzip = new GZipStream(
                new MemoryStream(bytes, HeaderLength, bytes.Length - HeaderLength), CompressionMode.Decompress);
            gzip.ReadExactly(text);
            if (gzip.ReadByte() >= 0)
                throw Corrupt(null);
        }
        catch (Exception exception) when (exception is InvalidDataException or EndOfStreamException)
        {
            throw Corrupt(exception);
        }

        return new(MetricsSnapshot.Parse(text).Families, lifetime, age, duration);
    }

    private static TimeSpan Time(ReadOnlySpan<byte> bytes)
    {
        // Ages and lifetimes beyond a year have no meaning, and sums of them must not overflow.
        var ticks = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        return ticks is >= 0 and <= 365 * TimeSpan.TicksPerDay ? TimeSpan.FromTicks(ticks) : throw Corrupt(null);
    }

    private static FormatException Corrupt(Exception? inner) => new("The value is corrupt.", inner);

    private static bool IsSame(MetricsSnapshot snapshot, ReadOnlySpan<byte> text)
    {
        try
        {
            var copy = MetricsSnapshot.Parse(text);
            return Array.TrueForAll(ComparedFormats, format => Hash(snapshot, format).SequenceEqual(Hash(copy, format)));
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

    /// <summary>Hashes what is written, so that large expositions need not be in memory twice.</summary>
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
