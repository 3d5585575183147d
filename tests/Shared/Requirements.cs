using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Metrics.Tests;

/// <summary>Servers and other programs that a developer's machine may lack.</summary>
internal static class Requirements
{
    private const string Variable = "ORCHESTRATOR_METRICS_REQUIRE_SERVERS";

    /// <summary>Ignores the test, or fails it if <c>ORCHESTRATOR_METRICS_REQUIRE_SERVERS=1</c>.</summary>
    [DoesNotReturn]
    public static void Skip(string reason)
    {
        var message = $"NOT TESTED: {reason} Install it, or run ./build/test.sh as root on Debian or Ubuntu.";
        if (Environment.GetEnvironmentVariable(Variable) == "1")
            throw new AssertionException(message);
        TestContext.Progress.WriteLine($"{TestContext.CurrentContext.Test.FullName}: {message}");
        throw new IgnoreException(message);
    }

    public static string FindProgram(string name, string package)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var path = folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        if (path is null)
            Skip($"The program '{name}' is missing (Debian package {package}).");
        return path;
    }
}
