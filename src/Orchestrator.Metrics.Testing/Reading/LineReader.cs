using System.Buffers;
using System.Globalization;
using System.Text;

namespace Orchestrator.Metrics.Testing;

/// <summary>Reads one line of an exposition from left to right. Blanks between its parts do not matter.</summary>
/// <param name="line">The line, without blanks around it.</param>
/// <param name="number">Its number, for errors.</param>
internal sealed class LineReader(string line, int number)
{
    private static readonly SearchValues<char> NameChars = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_:");

    private int _position;

    public bool AtEnd => _position == line.Length;

    /// <summary>Whether a name can stand without quotes.</summary>
    public static bool IsName(ReadOnlySpan<char> text) =>
        !text.IsEmpty && !text.ContainsAnyExcept(NameChars) && !char.IsAsciiDigit(text[0]);

    public FormatException Error(string what) =>
        new($"Line {number}, column {_position + 1}: {what}\n{VisibleText.Of(line)}");

    public bool NextIs(char character)
    {
        while (!AtEnd && line[_position] is ' ' or '\t')
            _position++;
        return !AtEnd && line[_position] == character;
    }

    public bool TryTake(char character)
    {
        if (!NextIs(character))
            return false;
        _position++;
        return true;
    }

    public void Take(char character, string where)
    {
        if (!TryTake(character))
            throw Error($"there is no {character} {where}.");
    }

    /// <summary>A name, in quotes or not.</summary>
    public string TakeName(string what)
    {
        if (TryTake('"'))
            return TakeQuoted(what);
        var rest = line.AsSpan(_position);
        var length = rest.IndexOfAnyExcept(NameChars);
        var name = length < 0 ? rest : rest[..length];
        if (!IsName(name))
            throw Error($"there is no {what}.");
        _position += name.Length;
        return name.ToString();
    }

    /// <summary>What comes up to the closing quote, without its escapes.</summary>
    public string TakeQuoted(string what)
    {
        var text = new StringBuilder();
        for (; !AtEnd; _position++)
        {
            switch (line[_position])
            {
                case '"':
                    _position++;
                    return text.ToString();
                case '\\':
                    text.Append(TakeEscaped());
                    break;
                case var character:
                    text.Append(character);
                    break;
            }
        }

        throw Error($"the {what} has no closing quote.");
    }

    public ExposedNumber TakeNumber(string what)
    {
        var text = TakeWord();
        return text.ToUpperInvariant() switch
        {
            "NAN" => new(text, double.NaN),
            "INF" or "+INF" => new(text, double.PositiveInfinity),
            "-INF" => new(text, double.NegativeInfinity),
            "" => throw Error($"there is no {what}."),
            _ when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) =>
                new(text, value),
            _ => throw Error($"the {what} '{text}' is not a number."),
        };
    }

    /// <summary>What comes up to the next blank.</summary>
    public string TakeWord()
    {
        NextIs(' ');
        var start = _position;
        while (!AtEnd && line[_position] is not (' ' or '\t'))
            _position++;
        return line[start.._position];
    }

    public string TakeRest()
    {
        NextIs(' ');
        var rest = line[_position..];
        _position = line.Length;
        return rest;
    }

    private char TakeEscaped()
    {
        _position++;
        return AtEnd ? throw Error("there is nothing after a backslash.") : line[_position] switch
        {
            'n' => '\n',
            '\\' or '"' => line[_position],
            var other => throw Error($"\\{other} means nothing: after a backslash comes n, \" or another backslash."),
        };
    }
}
