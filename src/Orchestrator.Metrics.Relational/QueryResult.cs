using System.Data.Common;
using System.Globalization;

namespace Orchestrator.Metrics.Relational;

/// <summary>The columns of a result, found by name, and the values of its current row. Not thread-safe.</summary>
internal sealed class QueryResult(DbDataReader reader)
{
    // Integers up to 2^53 and powers of ten up to 10^22 are exact doubles, so their quotient is rounded once.
    private const ulong LargestExactInteger = 1UL << 53;
    private const int LargestExactPowerOfTen = 22;

    private readonly StringInterner _strings = new(reader);

    /// <summary>Returns the ordinal of a column. Names are compared without regard to case.</summary>
    /// <exception cref="InvalidOperationException">There is no such column.</exception>
    public int Column(string name) => FindColumn(name)
        ?? throw new InvalidOperationException(
            $"The query has no column '{name}'. Name a column of its result '{name}', for example with AS. Columns: " +
            $"{string.Join(", ", Enumerable.Range(0, reader.FieldCount).Select(reader.GetName))}.");

    /// <summary>Returns the ordinal of a column, or null if there is no such column.</summary>
    public int? FindColumn(string name)
    {
        for (var column = 0; column < reader.FieldCount; column++)
        {
            if (string.Equals(reader.GetName(column), name, StringComparison.OrdinalIgnoreCase))
                return column;
        }

        return null;
    }

    /// <summary>Returns the ordinal of the column of a label; null if the label is dropped.</summary>
    /// <exception cref="InvalidOperationException">There is no such column.</exception>
    public int? LabelColumn(string name, IReadOnlyCollection<string> droppedLabels) =>
        droppedLabels.Contains(name) ? null : Column(name);

    /// <summary>Returns a string. Equal strings of one result share one object.</summary>
    public string GetString(int column) => _strings.GetString(column);

    /// <summary>Returns the value of a label; an empty string if the label is dropped.</summary>
    public string GetLabel(int? column) => column is { } present ? GetString(present) : "";

    /// <summary>Returns a Boolean, which may be a number in the database: 0 is false.</summary>
    public bool GetBoolean(int column) =>
        Convert.ToBoolean(reader.GetValue(column), CultureInfo.InvariantCulture);

    /// <summary>Returns an integer. The column may have any numeric type.</summary>
    public long GetInt64(int column) => reader.GetFieldType(column) == typeof(long)
        ? reader.GetInt64(column)
        : Convert.ToInt64(reader.GetValue(column), CultureInfo.InvariantCulture);

    /// <summary>
    /// Returns the double nearest to a number, which may be of any numeric type or a string of decimal digits.
    /// </summary>
    public double GetDouble(int column) => reader.GetValue(column) switch
    {
        double value => value,
        decimal value => RoundToDouble(value),
        string digits => double.Parse(digits, CultureInfo.InvariantCulture),
        var other => Convert.ToDouble(other, CultureInfo.InvariantCulture),
    };

    // The conversion of large decimals by .NET rounds twice.
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
