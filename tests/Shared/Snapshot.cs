using System.Runtime.CompilerServices;
using System.Text;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Compares a string with a file next to the test, byte for byte, and writes the received string to a file if they
/// differ. File names are those of the Verify library: <c>Class.Method.verified.txt</c> and <c>.received.txt</c>.
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
        Assert.That(actual, Is.EqualTo(expected), $"See {received}. To accept it, rename it to {verified}.");
    }

    private static string SourceFolder(string path)
    {
        var inRepository = path.StartsWith("/_/", StringComparison.Ordinal)
            ? Path.Combine(TestFiles.Root, path[3..])
            : path;
        return Path.GetDirectoryName(inRepository)!;
    }
}
