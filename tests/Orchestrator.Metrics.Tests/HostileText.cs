using System.Text;
using CsCheck;

namespace Orchestrator.Metrics.Tests;

/// <summary>Strings of characters that faulty writers and parsers cannot process.</summary>
internal static class HostileText
{
    public static readonly Gen<string> Any = Gen.OneOf(
            "\\", "\"", "\n", "\r", "\\n", "\\\"", "\t", " ", "\0", "\u0085", "\u2028", "\u2029", "\uFEFF",
            "{", "}", ",", "=", "#",
            " # {", "# EOF", "a=\"b\"", "} 1.0", "é", "日本", "\uD7FF", "\uE000", "\uFFFD", "\uFFFF", "😀", "\U0010FFFF",
            "\uD83D", "\uDE00", "None", "+Inf", new string('x', 300))
        .Array[0, 8].Select(string.Concat);

    /// <summary>Returns the string as a parser reads it: with U+FFFD in place of each lone surrogate.</summary>
    public static string ReplaceSurrogates(string text)
    {
        var read = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
            read.Append(rune.ToString());
        return read.ToString();
    }
}
