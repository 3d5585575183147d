using System.Globalization;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// A plain implementation of Python's number formats: <c>repr(float)</c> from the digits of .NET's "R" format, and
/// <c>floatToGoString</c> of prometheus_client, which edits that string as the original does.
/// </summary>
internal static class PythonNumbers
{
    public static string FloatToGoString(double value)
    {
        var text = FormatRepr(value);
        if (!double.IsFinite(value))
            return text;
        var dot = text.IndexOf('.');
        if (!(value > 0) || dot <= 6 || text.Contains('e'))
            return text;
        var mantissa = $"{text[0]}.{text[1..dot]}{text[(dot + 1)..]}".TrimEnd('0', '.');
        return $"{mantissa}e+{dot - 1:00}";
    }

    public static string FormatRepr(double value)
    {
        if (double.IsNaN(value))
            return "NaN";
        if (double.IsInfinity(value))
            return value > 0 ? "+Inf" : "-Inf";

        var sign = double.IsNegative(value) ? "-" : "";
        var (digits, point) = SplitDigits(FormatShortest(Math.Abs(value)));
        var exponent = point - 1;
        if (value != 0 && exponent is < -4 or >= 16)
        {
            var mantissa = digits.Length == 1 ? digits : $"{digits[0]}.{digits[1..]}";
            return $"{sign}{mantissa}e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}";
        }

        if (point <= 0)
            digits = new string('0', 1 - point) + digits;
        var whole = Math.Max(point, 1);
        digits = digits.PadRight(whole + 1, '0');
        return $"{sign}{digits[..whole]}.{digits[whole..]}";
    }

    private static string FormatShortest(double value)
    {
        // .NET's "R" is wrong for two powers of two, 2^-25 and 2^-958: its result has one digit too few and parses as
        // the adjacent double. Python writes all 17 digits.
        var text = value.ToString("R", CultureInfo.InvariantCulture);
        return double.Parse(text, CultureInfo.InvariantCulture).Equals(value)
            ? text
            : value.ToString("G17", CultureInfo.InvariantCulture);
    }

    private static (string Digits, int Point) SplitDigits(string text)
    {
        var parts = text.Split('E');
        var exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        var dot = parts[0].IndexOf('.');
        var point = (dot < 0 ? parts[0].Length : dot) + exponent;
        var all = parts[0].Replace(".", "", StringComparison.Ordinal);
        var digits = all.TrimStart('0');
        point -= all.Length - digits.Length;
        digits = digits.TrimEnd('0');
        return digits.Length == 0 ? ("0", 1) : (digits, point);
    }
}
