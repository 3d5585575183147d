using System.Data.Common;
using System.Text;

namespace Orchestrator.Metrics;

/// <summary>
/// Texts of one result, each kept once: a name that stands in thousands of rows is one string. Not thread-safe.
/// </summary>
internal sealed class SharedText(SqlDialect dialect)
{
    private const int LongestBuffered = 255;

    private readonly Dictionary<byte[], string>.AlternateLookup<ReadOnlySpan<byte>> _byBytes =
        new Dictionary<byte[], string>(Utf8Bytes.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();

    private readonly HashSet<string> _texts = [];
    private readonly byte[] _buffer = new byte[LongestBuffered + 1];

    public string Get(DbDataReader reader, int column)
    {
        if (!dialect.ReadsTextAsBytes)
            return Shared(reader.GetString(column));

        // Without a string for each row.
        var length = (int)reader.GetBytes(column, 0, _buffer, 0, _buffer.Length);
        if (length > LongestBuffered)
            return Shared(reader.GetString(column));
        var bytes = _buffer.AsSpan(0, length);
        if (!_byBytes.TryGetValue(bytes, out var text))
            _byBytes[bytes] = text = Encoding.UTF8.GetString(bytes);
        return text;
    }

    private string Shared(string text)
    {
        if (_texts.TryGetValue(text, out var shared))
            return shared;
        _texts.Add(text);
        return text;
    }

    /// <summary>Compares UTF-8 as bytes, which the lookup takes from a buffer.</summary>
    private sealed class Utf8Bytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly Utf8Bytes Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
