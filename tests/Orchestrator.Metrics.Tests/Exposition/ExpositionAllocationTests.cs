namespace Orchestrator.Metrics.Tests.Exposition;

public class ExpositionAllocationTests
{
    [TestCaseSource(typeof(ExpositionWriterTests), nameof(ExpositionWriterTests.Formats))]
    public void Writing_samples_allocates_nothing_per_sample(ExpositionFormat format) =>
        RequireNoAllocationPerSample(ManySamples.CreateGauges, format);

    [TestCaseSource(typeof(ExpositionWriterTests), nameof(ExpositionWriterTests.Formats))]
    public void Writing_infos_with_point_labels_allocates_nothing_per_sample(ExpositionFormat format) =>
        RequireNoAllocationPerSample(ManySamples.CreateInfos, format);

    private static void RequireNoAllocationPerSample(Func<int, MetricsSnapshot> snapshot, ExpositionFormat format)
    {
        var few = MeasureAllocation(snapshot(1_000), format);
        var many = MeasureAllocation(snapshot(100_000), format);

        Assert.Multiple(() =>
        {
            Assert.That(many, Is.LessThan(100_000), "less than one byte per sample");
            Assert.That(many - few, Is.LessThan(10_000), "a hundred times as many samples allocate little more");
        });
    }

    private static long MeasureAllocation(MetricsSnapshot snapshot, ExpositionFormat format)
    {
        var output = new ReusedBlock();
        Run();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Run();
        return GC.GetAllocatedBytesForCurrentThread() - before;

        void Run() => snapshot.Write(output, format);
    }
}
