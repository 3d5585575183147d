using System.Text.Json;

namespace Orchestrator.Metrics.Tests.Exposition;

// Each vector describes families as data, with the output of prometheus_client, whose version vectors.json states.
public class ConformanceTests
{
    internal static IEnumerable<TestCaseData> ReadVectors()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.GetGolden("vectors.json")));
        foreach (var vector in document.RootElement.GetProperty("vectors").EnumerateArray())
        {
            yield return new TestCaseData(vector.Clone())
                .SetArgDisplayNames(vector.GetProperty("name").GetString()!);
        }
    }

    [TestCaseSource(nameof(ReadVectors))]
    public void Text_equals_the_output_of_prometheus_client(JsonElement vector) =>
        Assert.That(
            VectorFamilies.BuildSnapshot(vector).ToText(ExpositionFormat.PrometheusText),
            Is.EqualTo(vector.GetProperty("text").GetString()));

    [TestCaseSource(nameof(ReadVectors))]
    public void OpenMetrics_equals_the_output_of_prometheus_client(JsonElement vector) =>
        Assert.That(
            VectorFamilies.BuildSnapshot(vector).ToText(ExpositionFormat.OpenMetrics),
            Is.EqualTo(vector.GetProperty("openmetrics").GetString()));

    [Test]
    public void Vectors_cover_all_types()
    {
        var types = ReadVectors()
            .SelectMany(data => VectorFamilies.BuildSnapshot((JsonElement)data.Arguments[0]!).Families)
            .Where(family => family.SampleCount > 0)
            .Select(family => family.Type)
            .Distinct();

        Assert.That(types, Is.EquivalentTo(Enum.GetValues<MetricType>()));
    }
}
