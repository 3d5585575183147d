using System.Runtime.CompilerServices;
using System.Text;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Compares with a file beside the test, byte for byte, and writes what came instead where they differ. The names
/// are those of the Verify library (<c>Class.Method.verified.txt</c>, <c>.received.txt</c>), so that it can take over.
/// </summary>
internal static class Snapshot
{
    public static void Matches(
        string actual, [CallerFilePath] string path = "", [CallerMemberName] string method = "", string? suffix = null)
    {
        var folder = SourceFolder(path);
        var name = $"{Path.GetFileNameWithoutExtension(path)}.{method}{(suffix is null ? "" : "_" + suffix)}";
        var verified = Path.Combine(folder, name + ".verified.txt");
        var received = Path.Combine(folder, name + ".received.txt");
        File.Delete(received);
        var expected = File.Exists(verified) ? File.ReadAllText(verified, Encoding.UTF8) : null;
        if (expected == actual)
            return;
        File.WriteAllText(received, actual, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        Assert.That(actual, Is.EqualTo(expected), $"See {received}. If it is right, rename it to {verified}.");
    }

    private static string SourceFolder(string path)
    {
        var inRepository = path.StartsWith("/_/", StringComparison.Ordinal)
            ? Path.Combine(TestFiles.Root, path[3..])
            : path;
        return Path.GetDirectoryName(inRepository)!;
    }
}
