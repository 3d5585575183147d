namespace Orchestrator.Metrics.Tests.Exposition;

public class ExpositionAllocationTests
{
    [TestCaseSource(typeof(ExpositionWriterTests), nameof(ExpositionWriterTests.Formats))]
    public void Writing_samples_allocates_nothing(ExpositionFormat format) =>
        RequireNoMemoryPerSample(ManySamples.Gauges, format);

    [TestCaseSource(typeof(ExpositionWriterTests), nameof(ExpositionWriterTests.Formats))]
    public void Writing_infos_with_point_labels_allocates_nothing(ExpositionFormat format) =>
        RequireNoMemoryPerSample(ManySamples.Infos, format);

    private static void RequireNoMemoryPerSample(Func<int, MetricsSnapshot> snapshot, ExpositionFormat format)
    {
        var few = Allocated(snapshot(1_000), format);
        var many = Allocated(snapshot(100_000), format);

        Assert.Multiple(() =>
        {
            Assert.That(many, Is.LessThan(100_000), "one byte per sample would be this much");
            Assert.That(many - few, Is.LessThan(10_000), "a hundred times as many samples allocate little more");
        });
    }

    private static long Allocated(MetricsSnapshot snapshot, ExpositionFormat format)
    {
        var output = new ReusedBlock();
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        return GC.GetAllocatedBytesForCurrentThread() - before;

        void Run() => snapshot.Write(output, format);
    }
}
