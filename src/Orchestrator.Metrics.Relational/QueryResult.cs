using System.Data.Common;
using System.Globalization;
using Orchestrator.Metrics.Relational.Dialects;

namespace Orchestrator.Metrics.Relational;

/// <summary>The columns of a result, found by name, and the values of its current row. Not thread-safe.</summary>
internal sealed class QueryResult(DbDataReader reader)
{
    private readonly StringInterner _strings = new(reader);
    private readonly Dictionary<string, int> _columns = [];

    public int GetColumn(string name)
    {
        if (!_columns.TryGetValue(name, out var column))
            _columns[name] = column = FindColumn(name) ?? throw new InvalidOperationException(
                $"The query has no column '{name}'. Name a column of its result '{name}', for example with AS. " +
                $"Columns: {string.Join(", ", Enumerable.Range(0, reader.FieldCount).Select(reader.GetName))}.");
        return column;
    }

    public int? FindColumn(string name) =>
        FindColumn(name, StringComparison.Ordinal) ?? FindColumn(name, StringComparison.OrdinalIgnoreCase);

    public bool IsNull(int column) => reader.IsDBNull(column);

    /// <summary>Returns null if the label is dropped.</summary>
    public int? GetLabelColumn(string name, IReadOnlyCollection<string> droppedLabels)
    {
        if (droppedLabels.Contains(name))
            return null;
        var column = GetColumn(name);

        // In old versions of orchestrator-core, customer_id is a UUID.
        return reader.GetFieldType(column) != typeof(Guid)
            ? column
            : throw OrchestratorCoreSchema.CreateException($"column '{name}' is of type uuid instead of text");
    }

    public string GetLabel(int? column) => column is { } present ? GetText(present) : "";

    public bool GetBooleanLabel(int? column) => column is { } present && GetBoolean(present);

    public string GetText(int column)
    {
        if (IsNull(column))
            throw CreateNullException(column);
        try
        {
            return reader.GetFieldType(column) == typeof(string)
                ? _strings.GetString(column)
                : _strings.Intern(DatabaseValue.ToText(reader.GetValue(column)));
        }
        catch (Exception exception) when (IsConversionError(exception))
        {
            throw CreateConversionException(column, "text", exception);
        }
    }

    public bool GetBoolean(int column) => !IsNull(column) && reader.GetFieldType(column) == typeof(bool)
        ? reader.GetBoolean(column)
        : Read(column, "a Boolean", value => Convert.ToBoolean(value, CultureInfo.InvariantCulture));

    public long GetInt64(int column) => !IsNull(column) && reader.GetFieldType(column) == typeof(long)
        ? reader.GetInt64(column)
        : Read(column, "an integer", value => Convert.ToInt64(value, CultureInfo.InvariantCulture));

    public double GetDouble(int column) => Read(column, "a number", DatabaseValue.ToDouble);

    public decimal GetDecimal(int column) =>
        Read(column, "a number", value => Convert.ToDecimal(value, CultureInfo.InvariantCulture));

    public DateTimeOffset GetTime(int column) => Read(column, "a time", DatabaseValue.ToTime);

    private int? FindColumn(string name, StringComparison comparison)
    {
        for (var column = 0; column < reader.FieldCount; column++)
        {
            if (string.Equals(reader.GetName(column), name, comparison))
                return column;
        }

        return null;
    }

    private T Read<T>(int column, string kind, Func<object, T> convert)
    {
        try
        {
            var value = reader.GetValue(column);
            return value is not DBNull ? convert(value) : throw CreateNullException(column);
        }
        catch (Exception exception) when (IsConversionError(exception))
        {
            throw CreateConversionException(column, kind, exception);
        }
    }

    private InvalidOperationException CreateNullException(int column) => new(
        $"Column '{reader.GetName(column)}' is NULL. Replace NULL in the query, for example with coalesce.");

    // The value may be personal data. Only the message of an InvalidCastException never contains it.
    private InvalidOperationException CreateConversionException(int column, string kind, Exception exception) => new(
        $"Column '{reader.GetName(column)}' of type {reader.GetDataTypeName(column)} cannot be read as {kind}. " +
        "Convert it in the query, for example with CAST.",
        exception as InvalidCastException);

    // Providers and .NET throw different exceptions.
    private static bool IsConversionError(Exception exception) =>
        exception is InvalidCastException or FormatException or OverflowException or ArgumentException;
}
