using System.Data.Common;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Options;

namespace Sample.Engine;

internal sealed class SimulatedEngine(
    DbDataSource database, TimeProvider time, IMeterFactory meters, IOptions<SampleOptions> options) : BackgroundService
{
    public const string MeterName = "Acme.Engine";
    public const string Tick = "acme.engine.tick";

    private readonly Random _random = new(5080);
    private readonly Histogram<double> _ticks =
        meters.Create(MeterName).CreateHistogram<double>(Tick, "s", "Working time of the simulated engine, per tick.");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Simulate)
            return;
        using var timer = new PeriodicTimer(EngineTick.Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await WorkAsync(stoppingToken);
    }

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        var startedAt = time.GetTimestamp();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        // Takes the write lock of SQLite immediately. A transaction that begins with a read could not wait for the lock
        // later.
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await new EngineTick(connection, _random).RunAsync(time.GetUtcNow(), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        _ticks.Record(time.GetElapsedTime(startedAt).TotalSeconds);
    }
}
