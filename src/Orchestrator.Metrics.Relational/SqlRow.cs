using Orchestrator.Metrics.Relational;

namespace Orchestrator.Metrics;

/// <summary>
/// The current row of a query. Valid only until the function that <see cref="OrchestratorDatabase.ReadAsync"/> calls
/// returns. Not thread-safe.
/// </summary>
/// <remarks>
/// Columns are found by name. If no name matches exactly, case is ignored. A method that reads a column throws
/// <see cref="InvalidOperationException"/> if the column does not exist, or if its value is NULL or cannot be
/// converted. For a missing column, the message lists the existing ones.
/// </remarks>
public sealed class SqlRow
{
    private readonly QueryResult _result;

    internal SqlRow(QueryResult result) => _result = result;

    /// <summary>Returns whether a column is NULL.</summary>
    public bool IsNull(string column) => _result.IsNull(_result.GetColumn(column));

    /// <summary>
    /// Returns a column as a string. A value of another type is converted like a label of
    /// <see cref="SqlMetricFamily"/>.
    /// </summary>
    public string GetString(string column) => _result.GetText(_result.GetColumn(column));

    /// <summary>
    /// Returns a column of any numeric type as an integer. Fractions are rounded to the nearest integer, and halves to
    /// the nearest even integer.
    /// </summary>
    public long GetInt64(string column) => _result.GetInt64(_result.GetColumn(column));

    /// <summary>
    /// Returns a column as a number. A value of another type is converted like a value of
    /// <see cref="SqlMetricFamily"/>. For example, a time becomes the seconds since the Unix epoch.
    /// </summary>
    public double GetDouble(string column) => _result.GetDouble(_result.GetColumn(column));

    /// <summary>Returns a column as a Boolean. A number is false if it is 0.</summary>
    public bool GetBoolean(string column) => _result.GetBoolean(_result.GetColumn(column));
}
