namespace Orchestrator.Metrics;

/// <summary>
/// A state of the database that several transactions see. A transaction of its own holds it open as long as
/// somebody waits for a run of the scrape. Thread-safe.
/// </summary>
internal sealed class SharedSnapshot : IAsyncDisposable
{
    // Not that of one of the collectors: one that leaves must not take the state from the others.
    private readonly CancellationTokenSource _ending = new();
    private readonly Lazy<Task<(OpenTransaction Holder, string Import)>> _opened;

    public SharedSnapshot(RelationalDatabase database) => _opened = new(() => OpenAsync(database));

    /// <summary>The statement that lets a transaction see this state.</summary>
    public async Task<string> ImportAsync(CancellationToken cancellationToken) =>
        (await _opened.Value.WaitAsync(cancellationToken).ConfigureAwait(false)).Import;

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        try
        {
            if (_opened.IsValueCreated)
                await (await _opened.Value.ConfigureAwait(false)).Holder.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It was never opened, or the connection is gone; whoever waited for it has failed with that reason.
        }

        _ending.Dispose();
    }

    private async Task<(OpenTransaction Holder, string Import)> OpenAsync(RelationalDatabase database)
    {
        var dialect = database.Dialect;
        if (dialect.ExportSnapshot is null || dialect.ImportSnapshot is null)
            throw new NotSupportedException(
                $"{nameof(RelationalOptions)}.{nameof(RelationalOptions.SharedSnapshot)} is on, and {dialect.Name} " +
                "cannot share a state between transactions. Turn it off.");
        var holder = await database
            .BeginAsync(dialect.TransactionSettings(null, false), timeLeft: null, _ending.Token).ConfigureAwait(false);
        try
        {
            var reader = new RelationalReader(holder.Transaction, timeLeft: null, _ending.Token);
            var names = await reader.RowsAsync(dialect.ExportSnapshot, row => row.GetString(0)).ConfigureAwait(false);
            return (holder, dialect.ImportSnapshot(names[0]) + "\n");
        }
        catch (Exception)
        {
            await holder.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
