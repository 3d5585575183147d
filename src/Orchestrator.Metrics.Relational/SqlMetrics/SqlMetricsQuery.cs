namespace Orchestrator.Metrics.Relational.SqlMetrics;

/// <summary>A query and the metric families that its rows become. Immutable and thread-safe.</summary>
internal sealed class SqlMetricsQuery(string sql, IReadOnlyList<SqlMetricFamily> families)
{
    /// <summary>Runs the query in a transaction and returns its families.</summary>
    /// <exception cref="InvalidOperationException">
    /// The result lacks a column, has a value that a family does not accept, or gives more samples than allowed.
    /// </exception>
    public Task<IReadOnlyList<MetricFamily>> CollectAsync(
        RelationalDatabase database, CollectorContext context, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<MetricFamily>>(
            context,
            async transaction =>
            {
                SampleReader[] readers = [];
                await transaction.ReadAsync(
                    sql,
                    result =>
                    {
                        readers = [.. families.Select(family => new SampleReader(family, result))];
                        return () => AddRow(readers, context.MaxSamples);
                    },
                    cancellationToken).ConfigureAwait(false);
                return [.. readers.Select(reader => reader.ToFamily())];
            },
            cancellationToken);

    // The validation of the collector has the same limit, but only after all rows have been read.
    private void AddRow(SampleReader[] readers, int maxSamples)
    {
        var samples = 0L;
        foreach (var reader in readers)
        {
            reader.AddRow();
            samples += reader.SampleCount;
        }

        if (samples > maxSamples)
            throw new InvalidOperationException(
                $"The query returned more than {maxSamples} samples, the limit set by " +
                $"{nameof(OrchestratorMetricsOptions.MaxSamplesPerCollector)}. Group by fewer labels, or raise the " +
                $"limit. The query: {sql}");
    }
}
