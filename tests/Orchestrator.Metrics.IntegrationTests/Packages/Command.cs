using System.Diagnostics;

namespace Orchestrator.Metrics.Tests.Packages;

/// <summary>A program that runs to its end in a folder, which must be a good one.</summary>
internal static class Command
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Without servers that outlive the command, and with packages in a folder of their own.</summary>
    public static (string Name, string? Value)[] Environment(string packages) =>
    [
        ("NUGET_PACKAGES", packages),
        ("NUGET_FALLBACK_PACKAGES", GlobalPackages),
        ("MSBUILDDISABLENODEREUSE", "1"),
        ("UseSharedCompilation", "false"),
        ("DOTNET_CLI_USE_MSBUILD_SERVER", "0"),
        ("CI", "true"),
    ];

    /// <summary>What was downloaded to build the tests need not be downloaded again.</summary>
    private static string GlobalPackages => System.Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    /// <summary>Runs it, fails the test with what it printed unless its exit code is 0, and returns what it printed.</summary>
    public static async Task<string> RunAsync(
        string folder, (string Name, string? Value)[] environment, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(patience.Token);
        var errors = process.StandardError.ReadToEndAsync(patience.Token);
        try
        {
            await process.WaitForExitAsync(patience.Token);
            Assert.That(
                process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}\n{await output}\n{await errors}");
            return await output;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
