using System.Buffers;
using System.Globalization;
using System.Text;
using Orchestrator.Metrics.Text;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>
/// Reads one line of an exposition, token by token. Throws <see cref="FormatException"/> if the line is invalid.
/// </summary>
internal ref struct LineReader(ReadOnlySpan<byte> line, SharedStrings strings)
{
    private static readonly SearchValues<byte> LabelBytes =
        SearchValues.Create(Encoding.ASCII.GetBytes(MetricNames.LabelCharacters));

    private static readonly SearchValues<byte> MetricBytes =
        SearchValues.Create(Encoding.ASCII.GetBytes(MetricNames.MetricCharacters));

    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create("0123456789+-.eE"u8);

    private ReadOnlySpan<byte> _rest = line;

    public readonly bool AtEnd => _rest.IsEmpty;

    public readonly ReadOnlySpan<byte> Rest => _rest;

    private readonly char Next => AtEnd ? '\0' : (char)_rest[0];

    public bool SkipBlanks()
    {
        var length = _rest.Length;
        _rest = _rest.TrimStart(" \t"u8);
        return _rest.Length < length;
    }

    public bool TryTake(char character)
    {
        if (Next != character || AtEnd)
            return false;
        _rest = _rest[1..];
        return true;
    }

    public ReadOnlySpan<byte> ReadToken()
    {
        var end = _rest.IndexOfAny((byte)' ', (byte)'\t');
        var token = end < 0 ? _rest : _rest[..end];
        _rest = _rest[token.Length..];
        return token;
    }

    // At the start of a sample, a name is not quoted, and labels may follow immediately.
    public string ReadMetricName(bool ofSample)
    {
        var name = Next == '"' && !ofSample ? RequireNotEmpty(ReadQuoted()) : ReadLegacyName(MetricBytes, "metric");
        if (!AtEnd && Next is not (' ' or '\t') && !(Next == '{' && ofSample))
            throw new FormatException(
                $"Expected a space after metric name '{name}'. Put names with other characters in quotes.");
        return name;
    }

    // Also reads the quoted name of the metric if no name precedes the labels.
    public string? ReadLabels(List<KeyValuePair<string, string>> labels, string? name)
    {
        Expect('{', "before labels");
        SkipBlanks();
        while (!TryTake('}'))
        {
            var quoted = Next == '"';
            var label = quoted ? RequireNotEmpty(ReadQuoted()) : ReadLegacyName(LabelBytes, "label");
            SkipBlanks();
            if (quoted && name is null && Next is ',' or '}')
            {
                name = label;
            }
            else
            {
                Expect('=', $"after label '{label}'");
                SkipBlanks();
                labels.Add(new(label, ReadQuoted()));
                SkipBlanks();
            }

            if (TryTake(','))
                SkipBlanks();
            else if (Next != '}')
                throw new FormatException($"Expected ',' or '}}' after label '{label}'.");
        }

        return name;
    }

    public readonly string ReadHelp(bool quotesEscaped) =>
        AtEnd ? "" : Unescape(_rest[1..], quotesEscaped);

    public double ReadNumber(string what)
    {
        var token = ReadToken();
        if (!token.ContainsAnyExcept(NumberBytes)
            && double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
            return double.IsFinite(number)
                ? number
                : throw new FormatException($"The {what} '{Decode(token)}' is too large.");
        var negative = token.StartsWith("-"u8);
        var word = negative || token.StartsWith("+"u8) ? token[1..] : token;
        if (Ascii.EqualsIgnoreCase(word, "inf"u8) || Ascii.EqualsIgnoreCase(word, "infinity"u8))
            return negative ? double.NegativeInfinity : double.PositiveInfinity;
        if (Ascii.EqualsIgnoreCase(token, "nan"u8))
            return double.NaN;
        throw new FormatException(
            token.IsEmpty ? $"The {what} is missing." : $"The {what} '{Decode(token)}' is not a number.");
    }

    /// <summary>Reads a timestamp and returns it in seconds. Prometheus text contains milliseconds.</summary>
    public double ReadTimestamp(bool openMetrics)
    {
        if (openMetrics)
        {
            var seconds = ReadNumber("timestamp");
            return double.IsFinite(seconds) ? seconds : throw new FormatException("The timestamp is not finite.");
        }

        var token = ReadToken();
        if (token.ContainsAnyExcept(NumberBytes) || !long.TryParse(
            token, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds))
            throw new FormatException($"The timestamp '{Decode(token)}' is not a whole number of milliseconds.");
        if (milliseconds is < -UnixSeconds.LargestMilliseconds or > UnixSeconds.LargestMilliseconds)
            throw new FormatException(
                $"The timestamp '{milliseconds}' is outside the range from " +
                $"-{UnixSeconds.LargestMilliseconds} to {UnixSeconds.LargestMilliseconds} ms.");
        return milliseconds / 1000.0;
    }

    private static string RequireNotEmpty(string name) =>
        name.Length > 0 ? name : throw new FormatException("A name in quotes is empty.");

    private static string Decode(ReadOnlySpan<byte> token) => Encoding.UTF8.GetString(token);

    // A backslash before any other character is kept, as in the grammar of OpenMetrics and in Prometheus.
    private static string Unescape(ReadOnlySpan<byte> text, bool quotes)
    {
        if (!text.Contains((byte)'\\'))
            return Decode(text);
        var plain = new byte[text.Length];
        var length = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var next = text[i] == '\\' && i + 1 < text.Length ? (char)text[i + 1] : '\0';
            if (next is 'n' or '\\' || (next == '"' && quotes))
            {
                plain[length++] = next == 'n' ? (byte)'\n' : (byte)next;
                i++;
            }
            else
            {
                plain[length++] = text[i];
            }
        }

        return Decode(plain.AsSpan(0, length));
    }

    private string ReadQuoted()
    {
        Expect('"', "before a value");
        var end = 0;
        while (true)
        {
            var next = _rest[end..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
                throw new FormatException("Expected a closing quote.");
            end += next;
            if (_rest[end] == '"')
                break;
            end = Math.Min(end + 2, _rest.Length);
        }

        var text = _rest[..end];
        _rest = _rest[(end + 1)..];
        return text.Contains((byte)'\\') ? Unescape(text, quotes: true) : strings.Get(text);
    }

    private string ReadLegacyName(SearchValues<byte> bytes, string kind)
    {
        var end = _rest.IndexOfAnyExcept(bytes);
        var name = end < 0 ? _rest : _rest[..end];
        if (name.IsEmpty || char.IsAsciiDigit((char)name[0]))
            throw new FormatException($"Expected a {kind} name.");
        _rest = _rest[name.Length..];
        return strings.Get(name);
    }

    private void Expect(char character, string where)
    {
        if (!TryTake(character))
            throw new FormatException($"Expected '{character}' {where}.");
    }
}
