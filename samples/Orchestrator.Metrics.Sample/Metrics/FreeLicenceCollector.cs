using System.Data.Common;
using Orchestrator.Metrics;

namespace Sample.Metrics;

/// <summary>A custom metric, which needs only this class and one line in Program.cs.</summary>
internal sealed class FreeLicenceCollector(DbDataSource database) : IMetricsCollector
{
    private const string Query = """
        SELECT vendor, count(*) FILTER (WHERE subscription_id IS NULL)
        FROM licences
        GROUP BY vendor
        ORDER BY vendor
        """;

    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        var free = MetricFamily.Gauge(
            "acme_free_licences", "Licences that no subscription uses, per vendor.", "vendor");
        await using var command = database.CreateCommand(Query);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            free.Add(reader.GetInt64(1), reader.GetString(0));
        return [free];
    }
}
