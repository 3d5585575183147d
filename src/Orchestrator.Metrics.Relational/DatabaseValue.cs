using System.Globalization;

namespace Orchestrator.Metrics.Relational;

/// <summary>
/// Converts values that ADO.NET providers return. The result does not depend on the culture or time zone of the host.
/// </summary>
internal static class DatabaseValue
{
    // Integers up to 2^53 and powers of ten up to 10^22 are exact doubles, so their quotient is rounded once.
    private const ulong LargestExactInteger = 1UL << 53;
    private const int LargestExactPowerOfTen = 22;

    private const string Infinity = "infinity";
    private const string MinusInfinity = "-infinity";

    public static string ToText(object value) => value switch
    {
        string text => text,
        bool flag => flag ? "true" : "false",
        DateTime time when IsInfinite(time) => time == DateTime.MaxValue ? Infinity : MinusInfinity,
        DateTime { Kind: DateTimeKind.Local } time => ToText(time.ToUniversalTime()),
        DateTime time => Format(time, "yyyy-MM-ddTHH:mm:ss.FFFFFFFK"),
        DateTimeOffset time => ToText(time.UtcDateTime),
        DateOnly date when IsInfinite(date) => date == DateOnly.MaxValue ? Infinity : MinusInfinity,
        DateOnly date => Format(date, "yyyy-MM-dd"),
        TimeOnly time => Format(time, "HH:mm:ss.FFFFFFF"),
        byte[] bytes => Convert.ToHexStringLower(bytes),
        IFormattable other => Format(other, null),
        _ => throw new InvalidCastException($"Values of type {value.GetType()} have no text form."),
    };

    public static double ToDouble(object value) => value switch
    {
        double number => number,
        decimal number => RoundToDouble(number),
        string digits => double.Parse(digits, NumberStyles.Float, CultureInfo.InvariantCulture),
        TimeSpan interval => ToSeconds(interval),
        DateTime time when IsInfinite(time) =>
            time == DateTime.MaxValue ? double.PositiveInfinity : double.NegativeInfinity,
        DateOnly date when IsInfinite(date) =>
            date == DateOnly.MaxValue ? double.PositiveInfinity : double.NegativeInfinity,
        DateTime or DateTimeOffset or DateOnly => ToSeconds(ToTime(value) - DateTimeOffset.UnixEpoch),
        _ => Convert.ToDouble(value, CultureInfo.InvariantCulture),
    };

    public static DateTimeOffset ToTime(object value) => value switch
    {
        DateTimeOffset time => time,
        DateTime time when IsInfinite(time) => throw new InvalidCastException("The time is infinite."),
        DateTime { Kind: DateTimeKind.Unspecified } time => new DateTimeOffset(time, TimeSpan.Zero),
        DateTime time => new DateTimeOffset(time),
        DateOnly date => ToTime(date == DateOnly.MaxValue ? DateTime.MaxValue : date.ToDateTime(TimeOnly.MinValue)),
        string text => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
        _ => ToDouble(value) is var seconds && double.IsFinite(seconds)
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : throw new InvalidCastException("The number of seconds is not finite."),
    };

    // PostgreSQL supports infinite times. Npgsql returns them as the largest and smallest times of .NET.
    private static bool IsInfinite(DateTime time) => time == DateTime.MaxValue || time == DateTime.MinValue;

    private static bool IsInfinite(DateOnly date) => date == DateOnly.MaxValue || date == DateOnly.MinValue;

    private static string Format(IFormattable value, string? format) =>
        value.ToString(format, CultureInfo.InvariantCulture);

    private static double ToSeconds(TimeSpan time) => RoundToDouble((decimal)time.Ticks / TimeSpan.TicksPerSecond);

    // .NET rounds twice when it converts large decimals.
    private static double RoundToDouble(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var digits = ((ulong)(uint)bits[1] << 32) | (uint)bits[0];
        return bits[2] == 0 && digits <= LargestExactInteger && value.Scale <= LargestExactPowerOfTen
            ? (double)value
            : double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
