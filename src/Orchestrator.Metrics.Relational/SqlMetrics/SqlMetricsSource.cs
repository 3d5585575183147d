namespace Orchestrator.Metrics.Relational.SqlMetrics;

/// <summary>The queries of one collector. Immutable and thread-safe.</summary>
internal sealed class SqlMetricsSource(IReadOnlyList<SqlMetricsQuery> queries)
{
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(
        RelationalDatabase database, CollectorContext context, CancellationToken cancellationToken)
    {
        SqlMetricsQuery? current = null;
        try
        {
            return await database.ReadAsync<IReadOnlyList<MetricFamily>>(
                context,
                async transaction =>
                {
                    var families = CreateFamilies();
                    FamilySamples[] all = [.. families.Values];
                    foreach (var query in queries)
                    {
                        current = query;
                        await transaction.ReadAsync(
                            query.Sql, result => CreateReader(query, result, families, all, context.MaxSamples),
                            cancellationToken).ConfigureAwait(false);
                    }

                    current = null;
                    return Array.ConvertAll(all, family => family.ToFamily());
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (current is not null)
        {
            // Neither the error of the database nor the stack trace identifies the query.
            exception.Data["Families"] = string.Join(", ", current.Families.Select(family => family.Name).Distinct());
            throw;
        }
    }

    private static Action CreateReader(
        SqlMetricsQuery query, QueryResult result, OrderedDictionary<string, FamilySamples> families, FamilySamples[] all,
        int maxSamples)
    {
        SampleReader[] readers =
        [
            .. query.Families.Select(family => new SampleReader(
                family, result, families[SqlMetricFamilyRules.GetFamilyName(family)])),
        ];
        return () =>
        {
            foreach (var reader in readers)
                reader.AddRow();

            // The validation of the collector applies the same limit, but only after all rows have been read.
            if (all.Sum(family => (long)family.Count) > maxSamples)
                throw ReadTransaction.CreateLimitException($"{maxSamples} samples");
        };
    }

    private OrderedDictionary<string, FamilySamples> CreateFamilies()
    {
        var families = new OrderedDictionary<string, FamilySamples>();
        foreach (var definitions in queries
            .SelectMany(query => query.Families)
            .GroupBy(SqlMetricFamilyRules.GetFamilyName))
            families.Add(definitions.Key, new FamilySamples(definitions.First(), isShared: definitions.Count() > 1));
        return families;
    }
}
