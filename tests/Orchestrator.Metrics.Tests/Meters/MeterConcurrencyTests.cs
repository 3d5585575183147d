
namespace Orchestrator.Metrics.Tests.Meters;

/// <summary>Instruments may be read on any thread while the next snapshot is published.</summary>
public class MeterConcurrencyTests
{
    [Test]
    public async Task Every_reading_is_of_one_snapshot()
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

        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() => ReadAll(Series, end.Token))).ToArray();
        for (var value = 2; value <= 20; value++)
        {
            host.NextInterval();
            await host.ReadUntilAsync(samples => samples.Length > 0 && samples[0].Value.Equals(value));
        }

        await end.CancelAsync();
        Assert.That((await Task.WhenAll(readers).Soon()).Sum(), Is.GreaterThan(20));
    }

    /// <summary>Reads on and on; each reading must be whole and of one run.</summary>
    private static int ReadAll(int series, CancellationToken end)
    {
        using var reader = new MeterReader();
        var readings = 0;
        for (; !end.IsCancellationRequested; readings++)
        {
            var samples = reader.Read();
            if (samples.Length != series || samples.DistinctBy(sample => sample.Value).Count() != 1)
                throw new AssertionException($"{samples.Length} samples of different runs.");
        }

        return readings;
    }
}
