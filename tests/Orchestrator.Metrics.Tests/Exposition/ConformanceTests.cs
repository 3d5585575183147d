using System.Text.Json;

namespace Orchestrator.Metrics.Tests.Exposition;

/// <summary>
/// Families as data, each with what prometheus_client renders of it: <c>vectors.json</c> is a copy of what stands
/// in the project's shared folder, whose readme says which version wrote it.
/// </summary>
public class ConformanceTests
{
    internal static IEnumerable<TestCaseData> Vectors()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(TestFiles.Golden("vectors.json")));
        foreach (var vector in document.RootElement.GetProperty("vectors").EnumerateArray())
        {
            yield return new TestCaseData(vector.Clone())
                .SetArgDisplayNames(vector.GetProperty("name").GetString()!);
        }
    }

    [TestCaseSource(nameof(Vectors))]
    public void Text_is_what_prometheus_client_writes(JsonElement vector) =>
        Assert.That(
            VectorFamilies.Snapshot(vector).ToText(ExpositionFormat.PrometheusText),
            Is.EqualTo(vector.GetProperty("text").GetString()));

    [TestCaseSource(nameof(Vectors))]
    public void OpenMetrics_is_what_prometheus_client_writes(JsonElement vector) =>
        Assert.That(
            VectorFamilies.Snapshot(vector).ToText(ExpositionFormat.OpenMetrics),
            Is.EqualTo(vector.GetProperty("openmetrics").GetString()));

    [Test]
    public void There_are_vectors_of_all_types()
    {
        var types = Vectors()
            .SelectMany(data => VectorFamilies.Snapshot((JsonElement)data.Arguments[0]!).Families)
            .Where(family => family.SampleCount > 0)
            .Select(family => family.Type)
            .Distinct();

        Assert.That(types, Is.EquivalentTo(Enum.GetValues<MetricType>()));
    }
}
