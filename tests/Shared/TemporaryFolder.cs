namespace Orchestrator.Metrics.Tests;

internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("orchestrator-metrics-tests-").FullName;

    /// <summary>Returns the path of the file.</summary>
    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public string[] FindFiles(string pattern) => Directory.GetFiles(Path, pattern, SearchOption.AllDirectories);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
