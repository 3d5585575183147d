namespace Orchestrator.Metrics.Tests;

/// <summary>What a test needs besides the .NET SDK.</summary>
internal static class Requirements
{
    private static readonly bool Required =
        Environment.GetEnvironmentVariable("ORCHESTRATOR_METRICS_REQUIRE_SERVERS") == "1";

    /// <summary>Finds a program on the path, or skips the test and says so.</summary>
    public static string Program(string name, string package)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists)
            ?? throw Skip($"needs the program '{name}' (Debian package {package})");
    }

    /// <summary>Skips the test, loudly; fails it where the test script has promised that everything is there.</summary>
    public static Exception Skip(string reason)
    {
        var message = $"{TestContext.CurrentContext.Test.FullName} {reason}. ./build/test.sh installs what is missing.";
        if (Required)
            Assert.Fail(message);
        TestContext.Progress.WriteLine($"SKIPPED: {message}");
        Assert.Ignore(message);
        return new InvalidOperationException(message);
    }
}
