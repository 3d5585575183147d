using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;

namespace Orchestrator.Metrics.Tests.Collection;

public class SnapshotAssemblerTests
{
    [Test]
    public void Merging_a_family_allocates_in_proportion_to_the_number_of_collectors()
    {
        var few = MeasureAllocation(collectors: 10);

        Assert.That(MeasureAllocation(collectors: 80), Is.InRange(few, 8 * 2 * few));
    }

    private static long MeasureAllocation(int collectors)
    {
        var options = new OrchestratorMetricsOptions();
        var scheduler = new CollectorScheduler(
            scopes: null, TimeProvider.System, new MetricsLog(new SafeLogger(NullLogger.Instance)), options, default);
        var numbers = Enumerable.Range(0, collectors).ToArray();
        var shared = Array.ConvertAll(numbers, number => new SharedCollector(
            CollectorRegistration.ForInstance(FakeCollector.Returning("x", 1), configure: null), scheduler));
        var outcomes = Array.ConvertAll(
            numbers, number => new CollectorOutcome([CreateFamily(number)], StartedAt: 0, TimeSpan.Zero));
        Assemble();
        var before = GC.GetAllocatedBytesForCurrentThread();
        var families = Assemble();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.That(families.Single().SampleCount, Is.EqualTo(collectors * 100));
        return allocated;

        IReadOnlyList<MetricFamily> Assemble() =>
            new SnapshotAssembler(options, TimeProvider.System).Assemble(shared, outcomes);
    }

    // Families with different labels are copied when they are merged.
    private static MetricFamily CreateFamily(int collector)
    {
        var family = MetricFamily.Gauge("x", "", "collector", collector % 2 == 0 ? "even" : "odd");
        for (var i = 0; i < 100; i++)
            family.Add(1, $"{collector}", i.ToString(CultureInfo.InvariantCulture));
        family.MakeReadOnly();
        return family;
    }
}
