using PublicApiGenerator;

namespace Orchestrator.Metrics.Tests;

public class PublicApiTests
{
    [Test]
    public void The_public_api_is_approved() =>
        Snapshot.AssertMatches(typeof(MetricsTestingExtensions).Assembly.GeneratePublicApi(
            new ApiGeneratorOptions { IncludeAssemblyAttributes = false }) + "\n");

    [Test]
    public void Test_kit_depends_on_no_test_framework() =>
        Assert.That(
            typeof(MetricsTestingExtensions).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name)
                .Where(name => !name!.StartsWith("System.", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "Orchestrator.Metrics" }));
}
