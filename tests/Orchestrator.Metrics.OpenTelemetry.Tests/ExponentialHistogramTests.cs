using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;
using static Orchestrator.Metrics.Tests.MeterHost;

namespace Orchestrator.Metrics.Tests;

public class ExponentialHistogramTests
{
    [Test]
    public async Task Buckets_have_the_index_of_their_upper_bound()
    {
        var histogram = await CollectHistogramAsync([1, 2, 4, 4, 0], new() { MaxSize = 160 });

        Assert.That((histogram.Schema, histogram.Count, histogram.Sum, histogram.ZeroCount), Is.EqualTo((6, 5, 11.0, 1)));
        Assert.That(histogram.PositiveBuckets, Is.EqualTo(CreateBuckets((0, 1), (64, 1), (128, 2))));
        Assert.That(histogram.NegativeBuckets, Is.Empty);
        Assert.That(histogram.ZeroThreshold, Is.EqualTo(1e-128), "The default of the specification.");
    }

    [Test]
    public async Task Scale_above_8_is_reduced_to_8()
    {
        var histogram = await CollectHistogramAsync([1.5, 1.5001, 1.5002], new() { MaxSize = 160 });

        Assert.That(histogram.Schema, Is.EqualTo(8));
        Assert.That(histogram.PositiveBuckets, Is.EqualTo(CreateBuckets((150, 3))));
    }

    [Test]
    public async Task Bounds_of_buckets_contain_the_observations()
    {
        double[] values = [.. Enumerable.Range(1, 200).Select(i => Math.Pow(1.1, i) / 1000)];

        var histogram = await CollectHistogramAsync(values, new() { MaxSize = 40 });

        var width = Math.Pow(2, -histogram.Schema);
        foreach (var (index, count) in histogram.PositiveBuckets)
            Assert.That(
                values.Count(value => value > Math.Pow(2, (index - 1) * width) && value <= Math.Pow(2, index * width)),
                Is.EqualTo(count));
        Assert.That(histogram.PositiveBuckets.Sum(bucket => bucket.Value), Is.EqualTo(200));
    }

    [TestCase(double.NaN, 3)]
    [TestCase(double.NegativeInfinity, 2)]
    [TestCase(-1, 2)]
    public async Task Observation_that_no_bucket_counts_is_not_a_failure(double value, int count) => Assert.That(
        (await CollectHistogramAsync([1, value, 2], new())).Count, Is.EqualTo(count));

    [TestCase(160, 6, 65_537)]
    [TestCase(2, -2, 257)]
    public async Task Infinite_observations_are_in_the_bucket_after_the_largest(int maxSize, int schema, int index)
    {
        var histogram = await CollectHistogramAsync(
            [1, double.PositiveInfinity, 5, double.PositiveInfinity], new() { MaxSize = maxSize });

        Assert.That((histogram.Schema, histogram.Count), Is.EqualTo((schema, 4)));
        Assert.That(histogram.PositiveBuckets[^1], Is.EqualTo(KeyValuePair.Create(index, 2L)));
    }

    [Test]
    public async Task Exemplars_are_in_the_order_of_their_timestamps_and_created_is_the_start()
    {
        var before = DateTimeOffset.UtcNow;
        await using var host = await StartHostAsync(
            services => services.AddOpenTelemetry().WithMetrics(metrics => metrics
                .SetExemplarFilter(ExemplarFilterType.AlwaysOn)
                .AddView("sizes", new Base2ExponentialBucketHistogramConfiguration())),
            options => options.CreatedTimestamps = true);
        var histogram = host.CreateMeter().CreateHistogram<double>("sizes");
        var registry = host.Services.GetRequiredService<OrchestratorMetricsRegistry>();
        histogram.Record(1);
        histogram.Record(2);
        await registry.CollectAsync();

        // After a collection, the SDK replaces the exemplars from the first one on.
        histogram.Record(3);

        var family = (await registry.CollectAsync()).Families.Single();
        Assert.That(
            family.Samples.Select(sample => sample.NativeHistogram).OfType<NativeHistogram>().Single().Exemplars
                .Select(exemplar => exemplar.Value),
            Is.EqualTo(new[] { 2.0, 3.0 }));
        var created = family.Samples.Single(sample => sample.Name == "sizes_created").Value;
        Assert.That(DateTimeOffset.UnixEpoch.AddSeconds(created), Is.InRange(before.AddMilliseconds(-1), DateTimeOffset.UtcNow));
    }

    [Test]
    public async Task Scale_below_minus_4_fails_the_collector()
    {
        await using var host = await StartHostAsync(ConfigureView(new() { MaxSize = 2 }));
        var histogram = host.CreateMeter().CreateHistogram<double>("sizes");
        histogram.Record(1e-300);
        histogram.Record(1e300);

        var failure = await Assert.ThrowsAsync<MetricsCollectionException>(
            () => host.Services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync());

        Assert.That(failure!.InnerException!.Message, Does.StartWith(
            "The meters cannot be exported: The exponential histogram of instrument 'sizes' of meter 'Acme' has the scale -"));
    }

    [Test]
    public async Task Text_has_the_count_the_sum_and_one_bucket()
    {
        await using var host = await StartHostAsync(ConfigureView(new()));
        host.CreateMeter().CreateHistogram<double>("sizes").Record(3, Tag("site", "a"));

        Assert.That(await host.GetTextAsync(), Is.EqualTo(
            "# HELP sizes \n# TYPE sizes histogram\nsizes_bucket{le=\"+Inf\",otel_scope_name=\"Acme\",site=\"a\"} 1.0\n" +
            "sizes_count{otel_scope_name=\"Acme\",site=\"a\"} 1.0\nsizes_sum{otel_scope_name=\"Acme\",site=\"a\"} 3.0\n"));
    }

    private static async Task<NativeHistogram> CollectHistogramAsync(
        double[] values, Base2ExponentialBucketHistogramConfiguration configuration)
    {
        await using var host = await StartHostAsync(ConfigureView(configuration));
        var histogram = host.CreateMeter().CreateHistogram<double>("sizes");
        foreach (var value in values)
            histogram.Record(value);
        var snapshot = await host.Services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync();
        return snapshot.Families.Single().Samples.Select(sample => sample.NativeHistogram).OfType<NativeHistogram>().Single();
    }

    private static Action<IServiceCollection> ConfigureView(
        Base2ExponentialBucketHistogramConfiguration configuration) => services => services.AddOpenTelemetry().WithMetrics(
            metrics => metrics.AddView("sizes", configuration));

    private static KeyValuePair<int, long>[] CreateBuckets(params (int Index, long Count)[] buckets) =>
        [.. buckets.Select(bucket => KeyValuePair.Create(bucket.Index, bucket.Count))];
}
