using System.Runtime.CompilerServices;
using System.Text;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Compares a string with the approved text in a file next to the test. If the string differs, writes it to another
/// file. File names are those of the Verify library: <c>Class.Method.verified.txt</c> and <c>.received.txt</c>.
/// </summary>
internal static class Snapshot
{
    public static void AssertMatches(
        string actual, [CallerFilePath] string path = "", [CallerMemberName] string method = "", string? suffix = null)
    {
        var folder = GetSourceFolder(path);
        var name = $"{Path.GetFileNameWithoutExtension(path)}.{method}{(suffix is null ? "" : "_" + suffix)}";
        var verified = Path.Combine(folder, name + ".verified.txt");
        var received = Path.Combine(folder, name + ".received.txt");
        File.Delete(received);
        var expected = File.Exists(verified) ? File.ReadAllText(verified, Encoding.UTF8) : null;
        if (expected == actual)
            return;
        File.WriteAllText(received, actual, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
        var problem = expected is null ? $"{verified} does not exist." : $"The string differs from {verified}.";
        Assert.That(actual, Is.EqualTo(expected), $"{problem} Review {received}. To approve it, move it over {verified}.");
    }

    private static string GetSourceFolder(string path)
    {
        var inRepository = path.StartsWith("/_/", StringComparison.Ordinal)
            ? Path.Combine(TestFiles.Root, path[3..])
            : path;
        return Path.GetDirectoryName(inRepository)!;
    }
}
