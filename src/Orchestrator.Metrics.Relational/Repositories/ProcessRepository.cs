using System.Data.Common;
using System.Globalization;

namespace Orchestrator.Metrics;

/// <summary>Processes from the database of an orchestrator-core.</summary>
internal sealed class ProcessRepository(RelationalDatabase database, CollectorRunContext run) : IProcessRepository
{
    private const int SecondsColumn = 8;

    public async Task<IReadOnlyList<ProcessCount>> GetProcessCountsAsync(CancellationToken cancellationToken)
    {
        var text = new SharedText(database.Dialect);
        var withoutTime = 0L;
        var rows = await database.ReadAsync(
            run,
            reader => reader.RowsAsync(database.Dialect.ProcessCounts, row =>
            {
                withoutTime += row.GetInt64(SecondsColumn + 1);
                return new ProcessCount
                {
                    LastStatus = text.Get(row, 0),
                    CreatedBy = text.Get(row, 1),
                    IsTask = Convert.ToBoolean(row.GetValue(2), CultureInfo.InvariantCulture),
                    ProductName = text.Get(row, 3),
                    WorkflowName = text.Get(row, 4),
                    CustomerId = text.Get(row, 5),
                    WorkflowTarget = text.Get(row, 6),
                    Count = row.GetInt64(7),
                    TotalSeconds = Seconds(row),
                };
            }),
            cancellationToken).ConfigureAwait(false);
        database.ReportWithoutTime(withoutTime);
        return Largest.First(rows, row => row.Count);
    }

    private static double Seconds(DbDataReader row) => row.GetValue(SecondsColumn) switch
    {
        double seconds => seconds,
        string digits => double.Parse(digits, CultureInfo.InvariantCulture),
        var other => Convert.ToDouble(other, CultureInfo.InvariantCulture),
    };
}
