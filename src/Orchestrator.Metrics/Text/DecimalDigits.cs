using System.Buffers.Binary;

namespace Orchestrator.Metrics.Text;

/// <summary>
/// Writes decimal digits three at a time, from a table. A count, or a run time in seconds with a few decimals, takes at
/// most four entries. Up to three bytes after the written ones may be overwritten.
/// </summary>
internal static class DecimalDigits
{
    private const int Base = 1000;

    // The digits of 0 to 999 as ASCII in the lower three bytes, the first digit lowest. The highest byte is the number
    // of digits without trailing zeros.
    private static readonly uint[] Table = [.. Enumerable.Range(0, Base).Select(CreateEntry)];

    /// <summary>Writes an integer from 0 to 999,999 without leading zeros.</summary>
    /// <returns>The number of bytes.</returns>
    public static int WriteWhole(int value, Span<byte> destination)
    {
        var (high, low) = Math.DivRem((uint)value, Base);
        if (high == 0)
            return WriteLeading(low, destination);
        var length = WriteLeading(high, destination);
        Write(Table[low], destination[length..]);
        return length + 3;
    }

    /// <summary>Writes a number of millionths, above zero and below a million, without trailing zeros.</summary>
    /// <returns>The number of bytes.</returns>
    public static int WriteFraction(int millionths, Span<byte> destination)
    {
        var (high, low) = Math.DivRem((uint)millionths, Base);
        Write(Table[high], destination);
        if (low == 0)
            return CountSignificant(Table[high]);
        Write(Table[low], destination[3..]);
        return 3 + CountSignificant(Table[low]);
    }

    private static int WriteLeading(uint value, Span<byte> destination)
    {
        var zeros = value < 10 ? 2 : value < 100 ? 1 : 0;
        Write(Table[value] >> (8 * zeros), destination);
        return 3 - zeros;
    }

    private static int CountSignificant(uint entry) => (int)(entry >> 24);

    private static void Write(uint digits, Span<byte> destination) =>
        BinaryPrimitives.WriteUInt32LittleEndian(destination, digits);

    private static uint CreateEntry(int value)
    {
        var significant = value == 0 ? 0 : value % 100 == 0 ? 1 : value % 10 == 0 ? 2 : 3;
        return (uint)('0' + value / 100 | '0' + value / 10 % 10 << 8 | '0' + value % 10 << 16 | significant << 24);
    }
}
