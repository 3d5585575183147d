using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Orchestrator.Metrics.Text;

/// <summary>
/// Copies ASCII text as UTF-8, up to sixteen characters at a time, and checks it in the same pass, because nearly every
/// label value is ASCII without characters to escape. Also checks strings without copying them.
/// <see cref="EscapedText"/> defines escaping and writes all other text.
/// </summary>
internal static class AsciiTranscoder
{
    private const int Step = 16;
    private const int HalfStep = Step / 2;
    private const int QuarterStep = Step / 4;
    private const ushort NotAscii = 0xFF80;

    /// <summary>
    /// Copies the characters before the first one that is not ASCII or must be escaped in quoted text.
    /// </summary>
    /// <returns>The number of copied characters. Bytes after them may have been overwritten.</returns>
    public static int CopyUnescaped(ReadOnlySpan<char> text, Span<byte> destination) =>
        Copy(text, destination, stopsAtEscapes: true);

    /// <summary>Copies the characters before the first one that is not ASCII.</summary>
    /// <returns>The number of copied characters. Bytes after them may have been overwritten.</returns>
    public static int CopyAscii(ReadOnlySpan<char> text, Span<byte> destination) =>
        Copy(text, destination, stopsAtEscapes: false);

    /// <summary>Returns whether strings are ASCII, given their bits from <see cref="Combine"/>.</summary>
    public static bool IsAscii(Vector128<ushort> bits) =>
        (bits & Vector128.Create(NotAscii)) == Vector128<ushort>.Zero;

    /// <summary>
    /// Returns a vector whose elements together have the bits of all characters. For strings as short as labels,
    /// combining the bits of several strings and checking them once costs half as much as checking each string.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<ushort> Combine(string text)
    {
        if (text.Length < HalfStep)
            return CombineShort(text);
        ref var source = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference<char>(text));

        // The last step overlaps the previous one, so no character remains.
        var last = (nuint)(text.Length - HalfStep);
        var bits = Vector128.LoadUnsafe(ref source) | Vector128.LoadUnsafe(ref source, last);
        for (nuint i = HalfStep; i < last; i += HalfStep)
            bits |= Vector128.LoadUnsafe(ref source, i);
        return bits;
    }

    // Not marked for inlining, because inlining was slower.
    private static Vector128<ushort> CombineShort(string text)
    {
        if (text.Length >= QuarterStep)
        {
            ref var source = ref Unsafe.As<char, byte>(ref MemoryMarshal.GetReference<char>(text));
            return Vector128.CreateScalar(
                Unsafe.ReadUnaligned<ulong>(ref source)
                | Unsafe.ReadUnaligned<ulong>(
                    ref Unsafe.Add(ref source, (text.Length - QuarterStep) * sizeof(char)))).AsUInt16();
        }

        var bits = 0;
        foreach (var character in text)
            bits |= character;
        return Vector128.CreateScalar((ushort)bits);
    }

    private static int Copy(ReadOnlySpan<char> text, Span<byte> destination, bool stopsAtEscapes)
    {
        if (!Vector128.IsHardwareAccelerated || destination.Length < text.Length)
            return CopyEach(text, destination, 0, stopsAtEscapes);
        ref var source = ref MemoryMarshal.GetReference(MemoryMarshal.Cast<char, ushort>(text));
        ref var target = ref MemoryMarshal.GetReference(destination);
        return text.Length switch
        {
            >= Step => CopySteps(text, destination, ref source, ref target, stopsAtEscapes),
            >= HalfStep => CopyHalves(text, destination, ref source, ref target, stopsAtEscapes),
            >= QuarterStep => CopyQuarters(text, destination, ref source, ref target, stopsAtEscapes),
            _ => CopyEach(text, destination, 0, stopsAtEscapes),
        };
    }

    private static int CopySteps(
        ReadOnlySpan<char> text, Span<byte> destination, ref ushort source, ref byte target, bool stopsAtEscapes)
    {
        var last = text.Length - Step;
        for (var copied = 0; ;)
        {
            var low = Vector128.LoadUnsafe(ref source, (nuint)copied);
            var high = Vector128.LoadUnsafe(ref source, (nuint)(copied + HalfStep));
            if (!TryNarrow(low, high, stopsAtEscapes, out var bytes))
                return CopyEach(text, destination, copied, stopsAtEscapes);
            bytes.StoreUnsafe(ref target, (nuint)copied);
            if (copied == last)
                return text.Length;

            // The last step overlaps the previous one, so no character remains.
            copied = Math.Min(copied + Step, last);
        }
    }

    /// <summary>Copies eight to fifteen characters: the first eight and the last eight, which may overlap.</summary>
    private static int CopyHalves(
        ReadOnlySpan<char> text, Span<byte> destination, ref ushort source, ref byte target, bool stopsAtEscapes)
    {
        var last = (nuint)(text.Length - HalfStep);
        if (!TryNarrow(
            Vector128.LoadUnsafe(ref source), Vector128.LoadUnsafe(ref source, last), stopsAtEscapes, out var bytes))
            return CopyEach(text, destination, 0, stopsAtEscapes);
        Unsafe.WriteUnaligned(ref target, bytes.AsUInt64()[0]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, last), bytes.AsUInt64()[1]);
        return text.Length;
    }

    /// <summary>Copies four to seven characters: the first four and the last four, which may overlap.</summary>
    private static int CopyQuarters(
        ReadOnlySpan<char> text, Span<byte> destination, ref ushort source, ref byte target, bool stopsAtEscapes)
    {
        var last = text.Length - QuarterStep;
        var both = Vector128.Create(
            Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref source)),
            Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref Unsafe.Add(ref source, last)))).AsUInt16();
        if (!TryNarrow(both, both, stopsAtEscapes, out var bytes))
            return CopyEach(text, destination, 0, stopsAtEscapes);
        Unsafe.WriteUnaligned(ref target, bytes.AsUInt32()[0]);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, last), bytes.AsUInt32()[1]);
        return text.Length;
    }

    private static int CopyEach(ReadOnlySpan<char> text, Span<byte> destination, int copied, bool stopsAtEscapes)
    {
        while (copied < text.Length && text[copied] < 0x80 && !(stopsAtEscapes && text[copied] is '"' or '\\' or '\n'))
            destination[copied] = (byte)text[copied++];
        return copied;
    }

    /// <summary>
    /// Converts sixteen characters to bytes, and returns whether all of them are ASCII and, if
    /// <paramref name="stopsAtEscapes"/> is true, need no escaping.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryNarrow(
        Vector128<ushort> low, Vector128<ushort> high, bool stopsAtEscapes, out Vector128<byte> bytes)
    {
        bytes = Narrow(low, high);
        var others = ((low | high) & Vector128.Create(NotAscii)).AsByte();
        if (stopsAtEscapes)
        {
            others |= Vector128.Equals(bytes, Vector128.Create((byte)'"'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))
                | Vector128.Equals(bytes, Vector128.Create((byte)'\n'));
        }

        return others == Vector128<byte>.Zero;
    }

    // Both methods return the same bytes for ASCII. The first compiles to a single instruction.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> Narrow(Vector128<ushort> low, Vector128<ushort> high) => Sse2.IsSupported
        ? Sse2.PackUnsignedSaturate(low.AsInt16(), high.AsInt16())
        : Vector128.Narrow(low, high);
}
