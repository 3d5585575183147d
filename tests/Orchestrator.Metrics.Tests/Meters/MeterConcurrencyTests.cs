namespace Orchestrator.Metrics.Tests.Meters;

public class MeterConcurrencyTests
{
    [Test]
    public async Task Each_reading_comes_from_one_snapshot()
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
        using var stopping = new CancellationTokenSource();

        var readings = 0;
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(
            () => ReadAll(Series, () => Interlocked.Increment(ref readings), stopping.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        for (var value = 2; value <= 20; value++)
        {
            host.AdvanceInterval();
            await host.ReadUntilAsync(samples => samples.Length > 0 && samples[0].Value.Equals(value));
            await Waiting.UntilAsync(
                () => Array.Exists(readers, reader => reader.IsCompleted) || Volatile.Read(ref readings) > value,
                hasRead => hasRead);
        }

        await stopping.CancelAsync();
        await Task.WhenAll(readers).Soon();
    }

    private static void ReadAll(int series, Action count, CancellationToken cancellationToken)
    {
        using var reader = new MeterReader();
        while (!cancellationToken.IsCancellationRequested)
        {
            var samples = reader.Read();
            var values = samples.DistinctBy(sample => sample.Value).Count();
            if (samples.Length != series || values != 1)
                throw new AssertionException(
                    $"Read {samples.Length} samples with {values} values. Expected {series} samples with one value.");
            count();
        }
    }
}
