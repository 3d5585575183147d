using PublicApiGenerator;

namespace Orchestrator.Metrics.Tests;

public class PublicApiTests
{
    [Test]
    public void The_public_api_is_approved() =>
        Snapshot.AssertMatches(typeof(Microsoft.AspNetCore.Builder.OrchestratorMetricsEndpointExtensions).Assembly
            .GeneratePublicApi(new ApiGeneratorOptions
            {
                IncludeAssemblyAttributes = false,
                DenyNamespacePrefixes = [],
            }) + "\n");
}
