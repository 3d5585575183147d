using System.Data.Common;
using System.Runtime.InteropServices;

namespace Orchestrator.Metrics.Relational;

/// <summary>
/// Reads strings so that equal values of one result share one object: label values repeat in thousands of rows. Not
/// thread-safe.
/// </summary>
internal sealed class StringInterner(DbDataReader reader)
{
    private const int MaxBufferedBytes = 255;

    // Readers of other providers may not return the bytes of a string: the reader of Microsoft.Data.Sqlite 10.0 crashes
    // the process for a computed column, and DataTableReader throws.
    private const string ReaderWithBytes = "Npgsql.NpgsqlDataReader";

    private readonly Dictionary<byte[], string>.AlternateLookup<ReadOnlySpan<byte>> _byBytes =
        new Dictionary<byte[], string>(BytesComparer.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();

    private readonly HashSet<string> _strings = [];
    private readonly byte[] _buffer = new byte[MaxBufferedBytes + 1];
    private readonly bool _readsBytes = reader.GetType().FullName == ReaderWithBytes;

    public string GetString(int column)
    {
        if (!_readsBytes)
            return Intern(reader.GetString(column));

        // A lookup by bytes saves the allocation of a string per row. Only the provider can decode the bytes, because
        // the encoding is a setting of its connection.
        var length = (int)reader.GetBytes(column, 0, _buffer, 0, _buffer.Length);
        if (length > MaxBufferedBytes)
            return Intern(reader.GetString(column));
        var bytes = _buffer.AsSpan(0, length);
        if (!_byBytes.TryGetValue(bytes, out var value))
            _byBytes[bytes] = value = reader.GetString(column);
        return value;
    }

    public string Intern(string value)
    {
        if (_strings.TryGetValue(value, out var interned))
            return interned;
        _strings.Add(value);
        return value;
    }

    private sealed class BytesComparer
        : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly BytesComparer Instance = new();

        // An odd number. The random start makes it hard to choose values whose hashes collide.
        private const ulong Factor = 0x9E3779B97F4A7C15;
        private static readonly ulong Start = (ulong)Random.Shared.NextInt64();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        // Label values consist of few 64-bit words. For these, HashCode takes several times as long.
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = Start + (ulong)alternate.Length;
            for (; alternate.Length >= sizeof(ulong); alternate = alternate[sizeof(ulong)..])
                hash = Fold(hash ^ MemoryMarshal.Read<ulong>(alternate));
            var rest = 0UL;
            foreach (var value in alternate)
                rest = (rest << 8) | value;
            return (int)Fold(hash ^ rest);
        }

        private static ulong Fold(ulong hash)
        {
            var high = Math.BigMul(hash, Factor, out var low);
            return high ^ low;
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
