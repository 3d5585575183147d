using CsCheck;
using static Orchestrator.Metrics.Tests.Relabeling.RelabeledExposition;

namespace Orchestrator.Metrics.Tests.Exposition;

public class RelabeledFamilyTests
{
    private const int GeneratedCount = 200;

    // Families of types that can be summed lose the label that makes their series distinct.
    private static readonly Gen<MetricsSnapshot> Snapshots = Gen.Select(
        GeneratedFamily.Generate(PrometheusClientRoundTripTests.ExemplarTexts), Gen.Bool, Gen.Bool, Gen.Bool,
        (generated, drops, hashes, adds) =>
        {
            var snapshot = new MetricsSnapshot(generated.Select(family => family.Family));
            return new MetricsSnapshot(snapshot.Families.SelectMany(family =>
            {
                var policy = new LabelPolicy(new CollectorOptions
                {
                    Name = "x",
                    DropLabels = !drops ? []
                        : family.Type is MetricType.Info or MetricType.StateSet ? ["zone"] : ["zone", "A", "n"],
                    HashLabels = hashes ? ["_x"] : [],
                    AddLabels = adds ? new Dictionary<string, string> { ["added"] = "\\ \"\n" } : [],
                    NamePrefix = adds ? "my_" : "",
                });
                return policy.Apply(policy.Drop([family]), Key);
            }));
        });

    private MetricsSnapshot[] _snapshots = [];

    [OneTimeSetUp]
    public void Generate() => _snapshots = Snapshots.Array[GeneratedCount].Single();

    [TestCase(true)]
    [TestCase(false)]
    public async Task Prometheus_client_reads_relabeled_families(bool openMetrics)
    {
        var format = openMetrics ? ExpositionFormat.OpenMetrics : ExpositionFormat.PrometheusText;
        var results = await PrometheusClientParsers.ReadAsync(
            [.. _snapshots.Select(snapshot => new PythonCase(openMetrics, snapshot.ToText(format)))]);

        Assert.Multiple(() =>
        {
            for (var i = 0; i < GeneratedCount; i++)
            {
                Assert.That(results[i].Error, Is.Null, _snapshots[i].ToText(format));
                Assert.That(
                    results[i].Families?.Sum(family => family.Samples.Length),
                    Is.EqualTo(_snapshots[i].Families.Sum(family =>
                        family.SampleCount)), _snapshots[i].ToText(format));
            }
        });
    }

    [Test]
    public async Task Promtool_reads_relabeled_families()
    {
        // promtool reads all snapshots as one exposition, so their families need different names.
        var text = string.Concat(_snapshots.Select((snapshot, i) => new MetricsSnapshot(snapshot.Families.SelectMany(
            family => new LabelPolicy(new() { Name = "x", NamePrefix = $"s{i}_" }).Apply([family], Key))).ToText()));

        Assert.That(await Promtool.CheckMetricsAsync(text), Has.None.StartsWith("error"));
    }
}
