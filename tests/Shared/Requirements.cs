namespace Orchestrator.Metrics.Tests;

/// <summary>What tests need besides .NET: servers and other programs, which may be missing on a developer's machine.</summary>
internal static class Requirements
{
    private const string Variable = "ORCHESTRATOR_METRICS_REQUIRE_SERVERS";

    /// <summary>
    /// Ends the test because something that it needs is missing: as ignored, with the reason in the results, or as
    /// failed where <c>ORCHESTRATOR_METRICS_REQUIRE_SERVERS=1</c> says that everything must be there.
    /// </summary>
    public static void Skip(string reason)
    {
        if (Environment.GetEnvironmentVariable(Variable) == "1")
            Assert.Fail($"{reason} {Variable}=1 makes this a failure.");
        Assert.Ignore($"NOT TESTED: {reason} Set {Variable}=1 to make this a failure.");
    }
}
