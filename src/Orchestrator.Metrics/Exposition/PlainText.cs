using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Orchestrator.Metrics;

/// <summary>
/// Copies text that is plain, ASCII without anything to escape, as UTF-8: nearly every label value. Looks and copies in
/// one pass, eight characters at a time. <see cref="EscapedText"/> says what it must do and does the rest.
/// </summary>
internal static class PlainText
{
    /// <summary>Copies characters up to the first that is not plain.</summary>
    /// <returns>How many were copied; bytes behind them may have been overwritten.</returns>
    public static int Copy(ReadOnlySpan<char> text, Span<byte> destination)
    {
        var copied = 0;
        if (Vector128.IsHardwareAccelerated && text.Length >= Vector128<ushort>.Count
            && destination.Length >= text.Length)
        {
            ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<char, ushort>(text));
            ref var target = ref MemoryMarshal.GetReference(destination);
            var last = text.Length - Vector128<ushort>.Count;
            while (true)
            {
                var characters = Vector128.LoadUnsafe(ref source, (nuint)copied);
                if (HasSpecial(characters))
                    break;
                Vector128.Narrow(characters, characters).GetLower().StoreUnsafe(ref target, (nuint)copied);
                if (copied == last)
                    return text.Length;

                // The last step overlaps the one before, so that no character is left over.
                copied = Math.Min(copied + Vector128<ushort>.Count, last);
            }
        }

        while (copied < text.Length && IsPlain(text[copied]))
            destination[copied] = (byte)text[copied++];
        return copied;
    }

    private static bool IsPlain(char character) =>
        character < 0x80 && character is not ('"' or '\\' or '\n');

    private static bool HasSpecial(Vector128<ushort> characters) =>
        (Vector128.GreaterThan(characters, Vector128.Create((ushort)0x7F))
            | Vector128.Equals(characters, Vector128.Create((ushort)'"'))
            | Vector128.Equals(characters, Vector128.Create((ushort)'\\'))
            | Vector128.Equals(characters, Vector128.Create((ushort)'\n'))) != Vector128<ushort>.Zero;
}
