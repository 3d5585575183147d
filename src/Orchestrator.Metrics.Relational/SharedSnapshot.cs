namespace Orchestrator.Metrics.Relational;

/// <summary>
/// A snapshot of the database that the transactions of one scrape share. A dedicated transaction keeps it open until
/// the scrape and its runs end. Thread-safe.
/// </summary>
internal sealed class SharedSnapshot : IAsyncDisposable
{
    // The token of a collector is not used: if one collector is cancelled, the others still need the snapshot.
    private readonly CancellationTokenSource _disposing = new();
    private readonly Lazy<Task<(ReadTransaction Holder, string Import)>> _exported;

    public SharedSnapshot(RelationalDatabase database, TimeSpan timeRemaining) =>
        _exported = new(() => ExportAsync(database, timeRemaining));

    public async Task<string> GetImportStatementAsync(CancellationToken cancellationToken) =>
        (await _exported.Value.WaitAsync(cancellationToken).ConfigureAwait(false)).Import;

    public async ValueTask DisposeAsync()
    {
        await _disposing.CancelAsync().ConfigureAwait(false);
        try
        {
            if (_exported.IsValueCreated)
                await (await _exported.Value.ConfigureAwait(false)).Holder.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // The connection was lost, or the export failed and every importing run has reported the error.
        }

        _disposing.Dispose();
    }

    private async Task<(ReadTransaction Holder, string Import)> ExportAsync(
        RelationalDatabase database, TimeSpan timeRemaining)
    {
        var dialect = database.Dialect;
        if (dialect.ExportSnapshotQuery is null || dialect.ImportSnapshot is null)
            throw new NotSupportedException(
                $"{nameof(RelationalOptions)}.{nameof(RelationalOptions.SharedSnapshot)} is true, but {dialect.Name} " +
                "cannot share a snapshot between transactions. Set it to false.");
        var holder = await database
            .BeginAsync(dialect.TransactionSettings(timeRemaining, false), timeRemaining, _disposing.Token)
            .ConfigureAwait(false);
        try
        {
            var names = await holder.QueryColumnAsync(
                dialect.ExportSnapshotQuery, "snapshot", (result, column) => result.GetText(column),
                _disposing.Token).ConfigureAwait(false);
            return (holder, dialect.ImportSnapshot(names[0]).TrimEnd().TrimEnd(';') + ";\n");
        }
        catch (Exception)
        {
            await holder.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
