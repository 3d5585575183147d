
namespace Orchestrator.Metrics.Tests.Meters;

/// <summary>Instruments may be read on any thread while the next snapshot is published.</summary>
public class MeterConcurrencyTests
{
    [Test]
    public async Task Every_measurement_reads_one_snapshot()
    {
        const int Series = 200;
        var run = 0;
        await using var host = await MeterHost.StartAsync(new FakeCollector(_ =>
        {
            var family = MetricFamily.Gauge("x", "", "i");
            var value = ++run;
            for (var i = 0; i < Series; i++)
                family.Add(value, $"{i}");
            return Task.FromResult<IReadOnlyList<MetricFamily>>([family]);
        }));
        await host.ReadUntilAsync(samples => samples.Length == Series);
        using var end = new CancellationTokenSource();

        var readings = 0;
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () => ReadAll(Series, () => Interlocked.Increment(ref readings), end.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        for (var value = 2; value <= 20; value++)
        {
            host.NextInterval();
            await host.ReadUntilAsync(samples => samples.Length > 0 && samples[0].Value.Equals(value));
            await Waiting.UntilAsync(
                () => Array.Exists(readers, reader => reader.IsCompleted) || Volatile.Read(ref readings) > value,
                hasRead => hasRead);
        }

        await end.CancelAsync();
        await Task.WhenAll(readers).Soon();
    }

    /// <summary>Reads until the end. Each reading must be complete and come from one run.</summary>
    private static void ReadAll(int series, Action count, CancellationToken end)
    {
        using var reader = new MeterReader();
        while (!end.IsCancellationRequested)
        {
            var samples = reader.Read();
            if (samples.Length != series || samples.DistinctBy(sample => sample.Value).Count() != 1)
                throw new AssertionException($"{samples.Length} samples come from different runs.");
            count();
        }
    }
}
