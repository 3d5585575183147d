using System.Globalization;
using System.Text;

namespace Orchestrator.Metrics.Testing;

/// <summary>
/// Makes the differences between strings visible: writes characters without a glyph, except spaces, as \uXXXX.
/// </summary>
internal static class VisibleText
{
    public static string Escape(string line)
    {
        if (!line.Any(IsInvisible))
            return line;
        var text = new StringBuilder();
        foreach (var character in line)
            text.Append(IsInvisible(character) ? $"\\u{(int)character:x4}" : character.ToString());
        return text.ToString();
    }

    private static bool IsInvisible(char character) => character != ' ' && char.GetUnicodeCategory(character)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.SpaceSeparator
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
}
