using System.Data.Common;
using System.Globalization;

namespace Orchestrator.Metrics;

internal static class DbDataReaderExtensions
{
    /// <summary>
    /// A whole number, whatever type it has in the database: most readers give one of 32 bits only as that.
    /// </summary>
    public static long GetCount(this DbDataReader row, int column) => row.GetFieldType(column) == typeof(long)
        ? row.GetInt64(column)
        : Convert.ToInt64(row.GetValue(column), CultureInfo.InvariantCulture);
}
