using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.Metrics.Exposition.Parsing;

/// <summary>Converts UTF-8 to strings and reuses recent ASCII strings, because label values repeat often.</summary>
internal sealed class SharedStrings
{
    private const int SizeBits = 11;
    private const ulong Mix = 0x9E3779B97F4A7C15;

    private readonly string?[] _strings = new string?[1 << SizeBits];

    public string Get(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
            return "";
        ref var shared = ref _strings[Hash(text)];
        return shared is not null && Ascii.Equals(text, shared) ? shared : shared = Encoding.UTF8.GetString(text);
    }

    private static int Hash(ReadOnlySpan<byte> text)
    {
        var hash = (ulong)text.Length;
        for (; text.Length >= sizeof(ulong); text = text[sizeof(ulong)..])
            hash = (hash ^ BinaryPrimitives.ReadUInt64LittleEndian(text)) * Mix;
        foreach (var value in text)
            hash = (hash ^ value) * Mix;
        return (int)(hash >> (64 - SizeBits));
    }
}
