using System.Data.Common;
using System.Globalization;

namespace Orchestrator.Metrics;

/// <summary>Processes from the database of an orchestrator-core.</summary>
internal sealed class ProcessRepository(RelationalDatabase database, CollectorContext run) : IProcessRepository
{
    private const int SecondsColumn = 8;

    // Up to here integers and powers of ten are exact as doubles, and a quotient of two of them is rounded once.
    private const ulong LargestExact = 1UL << 53;
    private const int LargestExactPowerOfTen = 22;

    public async Task<IReadOnlyList<ProcessCount>> GetProcessCountsAsync(CancellationToken cancellationToken)
    {
        var text = new SharedText();
        var withoutTime = 0L;
        var rows = await database.ReadAsync(
            run,
            reader => reader.RowsAsync(database.Dialect.ProcessCounts, row =>
            {
                withoutTime += row.GetCount(SecondsColumn + 1);
                return new ProcessCount
                {
                    LastStatus = text.Get(row, 0),
                    CreatedBy = text.Get(row, 1),
                    IsTask = Convert.ToBoolean(row.GetValue(2), CultureInfo.InvariantCulture),
                    ProductName = text.Get(row, 3),
                    WorkflowName = text.Get(row, 4),
                    CustomerId = text.Get(row, 5),
                    WorkflowTarget = text.Get(row, 6),
                    Count = row.GetCount(7),
                    TotalSeconds = Seconds(row),
                };
            }),
            cancellationToken,
            parallel: true).ConfigureAwait(false);
        database.ReportWithoutTime(withoutTime);
        return Largest.First(rows, row => row.Count);
    }

    private static double Seconds(DbDataReader row) => row.GetValue(SecondsColumn) switch
    {
        double seconds => seconds,
        decimal seconds => Rounded(seconds),
        string digits => double.Parse(digits, CultureInfo.InvariantCulture),
        var other => Convert.ToDouble(other, CultureInfo.InvariantCulture),
    };

    /// <summary>
    /// The double that is nearest, which the conversion of large decimals misses, as it rounds twice.
    /// </summary>
    private static double Rounded(decimal value)
    {
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        var digits = ((ulong)(uint)bits[1] << 32) | (uint)bits[0];
        return bits[2] == 0 && digits <= LargestExact && value.Scale <= LargestExactPowerOfTen
            ? (double)value
            : double.Parse(value.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
    }
}
