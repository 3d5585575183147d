using System.Data.Common;

namespace Orchestrator.Metrics;

/// <summary>
/// Texts of one result, each kept once: a name that stands in thousands of rows is one string. Not thread-safe.
/// </summary>
internal sealed class SharedText(SqlDialect dialect)
{
    private readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> _texts =
        new HashSet<string>().GetAlternateLookup<ReadOnlySpan<char>>();

    private readonly char[] _buffer = new char[256];

    public string Get(DbDataReader reader, int column)
    {
        if (!dialect.ReadsChars)
            return Share(reader.GetString(column));

        // Without a string for each row.
        var length = reader.GetChars(column, 0, _buffer, 0, _buffer.Length);
        return length < _buffer.Length ? Share(_buffer.AsSpan(0, (int)length)) : Share(reader.GetString(column));
    }

    private string Share(ReadOnlySpan<char> text)
    {
        if (!_texts.TryGetValue(text, out var shared))
        {
            _texts.Add(text);
            _texts.TryGetValue(text, out shared);
        }

        return shared!;
    }
}
