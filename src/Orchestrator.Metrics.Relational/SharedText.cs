using System.Data.Common;

namespace Orchestrator.Metrics;

/// <summary>
/// Texts of one result, each kept once: a name that stands in thousands of rows is one string. Not thread-safe.
/// </summary>
internal sealed class SharedText
{
    private const int LongestBuffered = 255;

    // Other readers may not have the bytes of a text. That of Microsoft.Data.Sqlite 10.0 crashes the process where a
    // column is computed, that of a DataTable throws.
    private const string ReaderWithBytes = "Npgsql.NpgsqlDataReader";

    private readonly Dictionary<byte[], string>.AlternateLookup<ReadOnlySpan<byte>> _byBytes =
        new Dictionary<byte[], string>(TextBytes.Instance).GetAlternateLookup<ReadOnlySpan<byte>>();

    private readonly HashSet<string> _texts = [];
    private readonly byte[] _buffer = new byte[LongestBuffered + 1];
    private bool? _readsBytes;

    public string Get(DbDataReader reader, int column)
    {
        _readsBytes ??= reader.GetType().FullName == ReaderWithBytes;
        if (_readsBytes == false)
            return Shared(reader.GetString(column));

        // Without a string for each row. What the bytes mean is the provider's to say, as its connection may have an
        // encoding of its own.
        var length = (int)reader.GetBytes(column, 0, _buffer, 0, _buffer.Length);
        if (length > LongestBuffered)
            return Shared(reader.GetString(column));
        var bytes = _buffer.AsSpan(0, length);
        if (!_byBytes.TryGetValue(bytes, out var text))
            _byBytes[bytes] = text = reader.GetString(column);
        return text;
    }

    private string Shared(string text)
    {
        if (_texts.TryGetValue(text, out var shared))
            return shared;
        _texts.Add(text);
        return text;
    }

    /// <summary>Compares texts as bytes, which the lookup takes from a buffer.</summary>
    private sealed class TextBytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public static readonly TextBytes Instance = new();

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
