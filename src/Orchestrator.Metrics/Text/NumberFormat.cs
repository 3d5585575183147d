using System.Globalization;
using System.Text;

namespace Orchestrator.Metrics.Text;

/// <summary>
/// Formats numbers like <c>prometheus_client</c>: the shortest decimal that parses to the same double, in the form of
/// Python's <c>repr</c>. Values additionally follow <c>floatToGoString</c>, which writes positive numbers of a million
/// and more in exponent form. Also reads bucket bounds and quantiles from labels.
/// </summary>
internal static class NumberFormat
{
    /// <summary>The maximum length of a number, in bytes.</summary>
    public const int MaxLength = 32;

    private const NumberStyles LabelStyle =
        NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private const int ReprExponent = 16;
    private const int GoExponent = 6;
    private const int SmallestFixedExponent = -4;

    // Up to this number, every integer and every decimal of at most 15 digits has a distinct double.
    private const double LargestExact = 999_999_999_999_999;
    private const ulong MantissaBits = (1UL << 52) - 1;
    private const int FixedDecimals = 6;
    private const double FixedScale = 1e6;

    // Between these two numbers, neither form has an exponent.
    private const double SmallestCommon = 1;
    private const double LargestCommon = 1e6;

    /// <summary>Writes a value, a bucket bound or a quantile and returns the number of bytes.</summary>
    public static int WriteGo(double value, Span<byte> destination) =>
        Write(value, destination, value > 0 ? GoExponent : ReprExponent);

    /// <summary>
    /// Writes a timestamp in seconds. <c>prometheus_client</c> does not write timestamps in Go's exponent form.
    /// </summary>
    public static int WriteRepr(double value, Span<byte> destination) => Write(value, destination, ReprExponent);

    /// <summary>Writes a time in whole milliseconds.</summary>
    public static int WriteMilliseconds(double seconds, Span<byte> destination, bool exactly)
    {
        UnixSeconds.ToMilliseconds(seconds, exactly)
            .TryFormat(destination, out var written, default, CultureInfo.InvariantCulture);
        return written;
    }

    public static string FormatGo(double value)
    {
        Span<byte> buffer = stackalloc byte[MaxLength];
        return Encoding.ASCII.GetString(buffer[..WriteGo(value, buffer)]);
    }

    /// <summary>
    /// Reads a bucket bound or a quantile from its label. Returns NaN if it is neither a finite number nor <c>+Inf</c>.
    /// </summary>
    public static double ParseLabel(string? text) =>
        text == "+Inf" ? double.PositiveInfinity
        : double.TryParse(text, LabelStyle, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)
            ? number
            : double.NaN;

    private static int Write(double value, Span<byte> destination, int exponentForm) =>
        value is >= SmallestCommon and < LargestCommon && TryWriteCommon(value, destination, out var length)
            ? length
            : WriteOther(value, destination, exponentForm);

    private static int WriteOther(double value, Span<byte> destination, int exponentForm)
    {
        if (!double.IsFinite(value))
            return Copy(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8, destination);

        var sign = 0;
        if (double.IsNegative(value))
        {
            destination[sign++] = (byte)'-';
            value = -value;
        }

        if (value == 0)
            return sign + Copy("0.0"u8, destination[sign..]);
        Span<byte> buffer = stackalloc byte[MaxLength];
        var digits = GetShortestDigits(value, buffer, out var exponent);
        destination = destination[sign..];
        return sign + (exponent < SmallestFixedExponent || exponent >= exponentForm
            ? WriteExponentForm(digits, exponent, destination)
            : WriteFixedForm(digits, exponent, destination));
    }

    /// <summary>
    /// Writes a number that is an integer divided by a million, such as a count or a run time; returns false for any
    /// other number. If the division reproduces the double, no other decimal of at most 15 digits does, so the quotient
    /// is the shortest decimal.
    /// </summary>
    private static bool TryWriteCommon(double value, Span<byte> destination, out int length)
    {
        var whole = double.ConvertToIntegerNative<int>(value);
        length = DecimalDigits.WriteWhole(whole, destination);
        if (whole == value)
        {
            length += Copy(".0"u8, destination[length..]);
            return true;
        }

        var scaled = Math.Round(value * FixedScale);
        if (scaled / FixedScale != value)
            return false;
        destination[length++] = (byte)'.';
        var millionths = double.ConvertToIntegerNative<long>(scaled) - whole * (long)FixedScale;
        length += DecimalDigits.WriteFraction((int)millionths, destination[length..]);
        return true;
    }

    /// <summary>Returns the digits without leading and trailing zeros, and the exponent of the first digit.</summary>
    private static ReadOnlySpan<byte> GetShortestDigits(double value, Span<byte> buffer, out int exponent)
    {
        // A number with at most six decimals is an integer divided by a million. If the division reproduces the double,
        // no other decimal of at most 15 digits does.
        var scaled = Math.Round(value * FixedScale);
        if (scaled <= LargestExact && scaled / FixedScale == value && scaled > 0)
        {
            ((long)scaled).TryFormat(buffer, out var length, default, CultureInfo.InvariantCulture);
            exponent = length - 1 - FixedDecimals;
            return buffer[..length].TrimEnd((byte)'0');
        }

        return GetRoundTripDigits(value, buffer, out exponent);
    }

    /// <summary>
    /// Returns the digits and the exponent from the runtime's shortest form, such as 123.45, 0.001 or 1.5E-05.
    /// </summary>
    private static ReadOnlySpan<byte> GetRoundTripDigits(double value, Span<byte> buffer, out int exponent)
    {
        // For two powers of two, 2^-25 and 2^-958, the runtime's shortest form (.NET 10) is one digit too short.
        var isPowerOfTwo = (BitConverter.DoubleToUInt64Bits(value) & MantissaBits) == 0;
        value.TryFormat(buffer, out var length, default, CultureInfo.InvariantCulture);
        if (isPowerOfTwo && double.Parse(buffer[..length], CultureInfo.InvariantCulture) != value)
            value.TryFormat(buffer, out length, "E16", CultureInfo.InvariantCulture);
        ReadOnlySpan<byte> text = buffer[..length];
        exponent = -1;
        var exponentMark = text.IndexOf((byte)'E');
        if (exponentMark >= 0)
        {
            exponent += int.Parse(text[(exponentMark + 1)..], CultureInfo.InvariantCulture);
            text = text[..exponentMark];
        }

        var point = text.IndexOf((byte)'.');
        exponent += point < 0 ? text.Length : point;
        if (point >= 0)
        {
            text[(point + 1)..].CopyTo(buffer[point..]);
            text = text[..^1];
        }

        var zeros = text.IndexOfAnyExcept((byte)'0');
        exponent -= zeros;
        return text[zeros..].TrimEnd((byte)'0');
    }

    private static int WriteExponentForm(ReadOnlySpan<byte> digits, int exponent, Span<byte> destination)
    {
        destination[0] = digits[0];
        var length = 1;
        if (digits.Length > 1)
        {
            destination[length++] = (byte)'.';
            length += Copy(digits[1..], destination[length..]);
        }

        destination[length++] = (byte)'e';
        destination[length++] = exponent < 0 ? (byte)'-' : (byte)'+';
        Math.Abs(exponent).TryFormat(destination[length..], out var written, "00", CultureInfo.InvariantCulture);
        return length + written;
    }

    private static int WriteFixedForm(ReadOnlySpan<byte> digits, int exponent, Span<byte> destination)
    {
        var whole = exponent + 1;
        if (whole <= 0)
        {
            var zeros = Copy("0.0000"u8[..(2 - whole)], destination);
            return zeros + Copy(digits, destination[zeros..]);
        }

        if (digits.Length <= whole)
        {
            digits.CopyTo(destination);
            destination[digits.Length..whole].Fill((byte)'0');
            return whole + Copy(".0"u8, destination[whole..]);
        }

        digits[..whole].CopyTo(destination);
        destination[whole] = (byte)'.';
        return whole + 1 + Copy(digits[whole..], destination[(whole + 1)..]);
    }

    private static int Copy(ReadOnlySpan<byte> text, Span<byte> destination)
    {
        text.CopyTo(destination);
        return text.Length;
    }
}
