using System.Runtime.CompilerServices;

namespace Orchestrator.Metrics.Tests;

internal static class TestFiles
{
    public static string Root { get; } = FindRoot();

    public static string GetGolden(string name) => Path.Combine(Root, "tests", "Shared", "golden", name);

    private static string FindRoot([CallerFilePath] string path = "")
    {
        // The search starts in the folder of the binaries, because a deterministic build maps source paths to /_/.
        foreach (var start in new[] { AppContext.BaseDirectory, path })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Orchestrator.Metrics.sln")))
                    return folder.FullName;
            }
        }

        throw new InvalidOperationException(
            $"Orchestrator.Metrics.sln was not found above {AppContext.BaseDirectory}. Run the tests in the repository.");
    }
}
