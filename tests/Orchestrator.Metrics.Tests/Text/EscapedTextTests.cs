using System.Text;
using CsCheck;

namespace Orchestrator.Metrics.Tests.Text;

public class EscapedTextTests
{
    [TestCase("", "", "")]
    [TestCase("plain", "plain", "plain")]
    [TestCase("\\", "\\\\", "\\\\")]
    [TestCase("\n", "\\n", "\\n")]
    [TestCase("\"", "\\\"", "\"")]
    [TestCase("a\\nb", "a\\\\nb", "a\\\\nb")]
    [TestCase("\\\"\n", "\\\\\\\"\\n", "\\\\\"\\n")]
    [TestCase("\r\t\u0085\u2028\0", "\r\t\u0085\u2028\0", "\r\t\u0085\u2028\0")]
    [TestCase("über 日本 😀", "über 日本 😀", "über 日本 😀")]
    public void Only_backslashes_line_feeds_and_in_quoted_strings_quotes_are_escaped(
        string text, string quoted, string unquoted)
    {
        Assert.Multiple(() =>
        {
            Assert.That(Encoding.UTF8.GetString(WriteQuoted(text)), Is.EqualTo(quoted));
            Assert.That(Encoding.UTF8.GetString(WriteUnquoted(text)), Is.EqualTo(unquoted));
        });
    }

    [Test]
    public void Lone_surrogate_becomes_one_replacement_character()
    {
        foreach (var (text, expected) in new[]
        {
            ("\uD83D", "\uFFFD"), ("\uDE00", "\uFFFD"), ("a\uD83Db", "a\uFFFDb"), ("\uDE00\uD83D", "\uFFFD\uFFFD"),
            ("\uD83D\n\uDE00", "\uFFFD\\n\uFFFD"), ("\uD83D\uD83D\uDE00", "\uFFFD😀"),
        })
        {
            Assert.That(WriteQuoted(text), Is.EqualTo(Encoding.UTF8.GetBytes(expected)));
        }
    }

    [Test]
    public void Hostile_strings_are_written_like_the_naive_implementation() => HostileText.Any.Sample(
        text => WriteQuoted(text).AsSpan().SequenceEqual(WriteNaively(text, inQuotes: true))
            && WriteUnquoted(text).AsSpan().SequenceEqual(WriteNaively(text, inQuotes: false)));

    [Test]
    public void Any_string_is_written_like_the_naive_implementation() => Gen.String.Sample(
        text => WriteQuoted(text).AsSpan().SequenceEqual(WriteNaively(text, inQuotes: true))
            && WriteUnquoted(text).AsSpan().SequenceEqual(WriteNaively(text, inQuotes: false)));

    [Test]
    public void Every_character_is_written_like_the_naive_implementation()
    {
        for (var c = 0; c <= char.MaxValue; c++)
        {
            var text = ((char)c).ToString();
            if (!WriteQuoted(text).AsSpan().SequenceEqual(WriteNaively(text, inQuotes: true)))
                Assert.Fail($"U+{c:X4}");
        }
    }

    // Strings of different lengths are copied in different steps, and characters above U+00FF must not be confused with
    // the character in their low byte.
    [Test]
    public void Characters_at_every_position_are_written_like_the_naive_implementation([Range(1, 40)] int length)
    {
        var characters = Enumerable.Range(0, 0x200).Concat([0x0A0A, 0x2222, 0x5C5C, 0x7F80, 0x8000, 0xFF22, 0xFFFF]);
        foreach (var character in characters)
        {
            for (var place = 0; place < length; place++)
            {
                var text = string.Create(length, (place, character), (span, hostile) =>
                {
                    span.Fill('a');
                    span[hostile.place] = (char)hostile.character;
                });
                if (!WriteQuoted(text).AsSpan().SequenceEqual(WriteNaively(text, inQuotes: true)))
                    Assert.Fail($"U+{character:X4} at {place}");
            }
        }
    }

    [Test]
    public void String_of_the_longest_characters_fits_the_maximum_size()
    {
        foreach (var longest in (string[])["\uFFFD", "\uD83D", "\\", "\n", "\"", "日"])
        {
            var text = string.Concat(Enumerable.Repeat(longest, 10_000));
            Assert.That(WriteQuoted(text), Is.EqualTo(WriteNaively(text, inQuotes: true)));
        }
    }

    private static byte[] WriteQuoted(string text)
    {
        var buffer = new byte[text.Length * EscapedText.MaxBytesPerChar];
        return buffer[..EscapedText.WriteQuoted(text, buffer)];
    }

    private static byte[] WriteUnquoted(string text)
    {
        var buffer = new byte[text.Length * EscapedText.MaxBytesPerChar];
        return buffer[..EscapedText.WriteUnquoted(text, buffer)];
    }

    private static byte[] WriteNaively(string text, bool inQuotes)
    {
        var bytes = new List<byte>();
        foreach (var rune in text.EnumerateRunes())
        {
            var c = rune.ToString();
            if (c == "\n")
                c = "\\n";
            else if (c == "\\" || (inQuotes && c == "\""))
                c = "\\" + c;
            bytes.AddRange(Encoding.UTF8.GetBytes(c));
        }

        return [.. bytes];
    }
}
