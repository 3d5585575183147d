using System.Data.Common;

namespace Orchestrator.Metrics;

/// <summary>
/// Texts of one result, each kept once: a name that stands in thousands of rows is one string. Not thread-safe.
/// </summary>
internal sealed class SharedText
{
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _texts =
        new HashSet<string>().GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly char[] _buffer = new char[256];

    public string Get(DbDataReader reader, int column)
    {
        var length = reader.GetChars(column, 0, _buffer, 0, _buffer.Length);
        if (length == _buffer.Length)
            return reader.GetString(column);
        var text = _buffer.AsSpan(0, (int)length);
        if (!_texts.TryGetValue(text, out var shared))
        {
            _texts.Add(text);
            _texts.TryGetValue(text, out shared);
        }

        return shared!;
    }
}
