using Orchestrator.Metrics.Relational;

namespace Orchestrator.Metrics;

/// <summary>
/// The current row of a query. Only valid until the function that <see cref="OrchestratorDatabase.ReadAsync"/> calls
/// returns. Not thread-safe.
/// </summary>
/// <remarks>
/// Columns are found by name: by an exact match, otherwise regardless of case. A method that reads a column throws
/// <see cref="InvalidOperationException"/> if the column does not exist, with a message that lists the existing ones,
/// or if its value is NULL or of a type that cannot be converted.
/// </remarks>
public sealed class SqlRow
{
    private readonly QueryResult _result;

    internal SqlRow(QueryResult result) => _result = result;

    /// <summary>Returns whether a column is NULL.</summary>
    /// <param name="column">The name of the column.</param>
    public bool IsNull(string column) => _result.IsNull(_result.Column(column));

    /// <summary>
    /// Returns a column as a string. A value of another type is converted like a label of
    /// <see cref="SqlMetricFamily"/>.
    /// </summary>
    /// <param name="column">The name of the column.</param>
    public string GetString(string column) => _result.GetText(_result.Column(column));

    /// <summary>
    /// Returns a column of any numeric type as an integer. A fraction is rounded to the nearest integer, and a half to
    /// the nearest even one.
    /// </summary>
    /// <param name="column">The name of the column.</param>
    public long GetInt64(string column) => _result.GetInt64(_result.Column(column));

    /// <summary>
    /// Returns a column as a number. A value of another type is converted like a value of
    /// <see cref="SqlMetricFamily"/>: a time is the seconds since the Unix epoch.
    /// </summary>
    /// <param name="column">The name of the column.</param>
    public double GetDouble(string column) => _result.GetDouble(_result.Column(column));

    /// <summary>Returns a column as a Boolean. A number is false if it is 0.</summary>
    /// <param name="column">The name of the column.</param>
    public bool GetBoolean(string column) => _result.GetBoolean(_result.Column(column));
}
