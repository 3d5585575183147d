using System.Data;
using Microsoft.Data.Sqlite;

namespace Orchestrator.Metrics.Benchmarks.Soak;

/// <summary>The counters of requests, or of runs and the resources that they use.</summary>
internal sealed class SoakCounts
{
    public int Succeeded;
    public int Cancelled;
    public int Failed;
    public int ShortTimeouts;
    public int Refused;
    public int Aborted;
    public int Runs;
    public int FailedRuns;
    public int CancelledRuns;
    public int OpenScopes;
    public int OpenConnections;
    public int RunningCollectors;

    public void ResetRuns() => Runs = FailedRuns = CancelledRuns = 0;
}

internal sealed class SoakConnection : IAsyncDisposable
{
    private readonly SqliteConnection _connection = new("Data Source=:memory:");
    private readonly SoakCounts _counts;

    public SoakConnection(SoakCounts counts)
    {
        _counts = counts;
        Interlocked.Increment(ref counts.OpenScopes);
        _connection.StateChange += (_, change) =>
        {
            if (change.CurrentState == ConnectionState.Open)
                Interlocked.Increment(ref counts.OpenConnections);
            else if (change.OriginalState == ConnectionState.Open)
                Interlocked.Decrement(ref counts.OpenConnections);
        };
    }

    public async Task<long> QueryAsync(CancellationToken cancellationToken)
    {
        await _connection.OpenAsync(cancellationToken);
        await using var command = _connection.CreateCommand();
        command.CommandText = "SELECT 42";
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        Interlocked.Decrement(ref _counts.OpenScopes);
    }
}

/// <summary>A collector with a query, a wait and 200 samples. One run in ten fails.</summary>
internal sealed class SoakCollector(int number, SoakConnection connection, SoakCounts counts) : IMetricsCollector
{
    public async Task<IReadOnlyList<MetricFamily>> CollectAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref counts.Runs);
        Interlocked.Increment(ref counts.RunningCollectors);
        try
        {
            var value = await connection.QueryAsync(cancellationToken);
            // One run in a hundred ignores its cancellation and exceeds the timeout, like a hanging query.
            if (Random.Shared.Next(100) == 0)
                await Task.Delay(100, CancellationToken.None);
            else
                await Task.Delay(Random.Shared.Next(6), cancellationToken);
            if (Random.Shared.Next(10) == 0)
                throw new InvalidOperationException("One run in ten fails.");
            var family = MetricFamily.Gauge($"soak_{number}", "For the soak.", "sample");
            for (var i = 0; i < 200; i++)
                family.Add(value + i, $"sample {i}");
            return [family];
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref counts.CancelledRuns);
            throw;
        }
        catch (InvalidOperationException)
        {
            Interlocked.Increment(ref counts.FailedRuns);
            throw;
        }
        finally
        {
            Interlocked.Decrement(ref counts.RunningCollectors);
        }
    }
}
