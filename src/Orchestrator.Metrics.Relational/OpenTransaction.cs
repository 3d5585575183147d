using System.Data.Common;

namespace Orchestrator.Metrics;

/// <summary>A transaction and its connection. Disposing rolls back: nothing was written.</summary>
internal sealed record OpenTransaction(DbConnection Connection, DbTransaction Transaction) : IAsyncDisposable
{
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Transaction.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            await Connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
