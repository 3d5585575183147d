using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests.Packages;

/// <summary>
/// A copy of the working tree in a new Git repository with one commit and a GitHub remote. Its packages are packed once
/// for all tests in this namespace. Each run uses a new version, so that no package comes from a cache.
/// </summary>
[SetUpFixture]
public sealed partial class PackedRepository
{
    public const string Url = "https://github.com/example/orchestrator-metrics";

    private static readonly string[] Excluded = [".git", "bin", "obj", "TestResults", "artifacts"];

    private static TemporaryFolder? _folder;

    /// <summary>Holds the copy in <c>orchestrator-metrics</c> and the packages in <c>packages</c>.</summary>
    public static string Folder => _folder!.Path;

    public static string Checkout => Path.Combine(Folder, "orchestrator-metrics");

    public static string Packages => Path.Combine(Folder, "packages");

    public static string Version { get; } = $"0.{Random.Shared.Next(1000, 60_000)}.{Random.Shared.Next(60_000)}";

    public static string Commit { get; private set; } = "";

    /// <summary>
    /// The environment variables of each command. They disable build servers, which would continue to run after the
    /// command, and set a dedicated package cache.
    /// </summary>
    public static (string Name, string? Value)[] Environment =>
    [
        ("NUGET_PACKAGES", Path.Combine(Folder, "cache")),
        ("NUGET_FALLBACK_PACKAGES", GlobalPackages),
        ("MSBUILDDISABLENODEREUSE", "1"),
        ("UseSharedCompilation", "false"),
        ("DOTNET_CLI_USE_MSBUILD_SERVER", "0"),
        ("CI", "true"),
    ];

    /// <summary>The projects in <c>src</c> that become packages: all except the exporter.</summary>
    public static IReadOnlyList<string> Projects { get; } =
    [
        .. Directory.GetFiles(Path.Combine(TestFiles.Root, "src"), "*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(project => project != "Orchestrator.Metrics.Exporter").Order(StringComparer.Ordinal),
    ];

    /// <summary>The folder of the packages that the build of the tests downloaded. Avoids a second download.</summary>
    private static string GlobalPackages => System.Environment.GetEnvironmentVariable("NUGET_PACKAGES")
        ?? Path.Combine(
            System.Environment.GetFolderPath(System.Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    public static async Task<string> RunAsync(string folder, string program, params string[] arguments)
    {
        var command = await Command.RunAsync(program, arguments, folder: folder, environment: Environment);
        command.RequireSuccess();
        return command.Output;
    }

    public static async Task CloneAsync(string folder)
    {
        await GitAsync(Folder, "clone", "--quiet", Checkout, folder);
        await GitAsync(folder, "remote", "set-url", "origin", Url);
    }

    public static Task PackAsync(string checkout, string packages) =>
        RunAsync(checkout, "dotnet", "pack", "--output", packages, "--verbosity", "quiet");

    [OneTimeSetUp]
    public async Task PackAsync()
    {
        _folder = new TemporaryFolder();
        Copy(TestFiles.Root, Checkout);
        var props = Path.Combine(Checkout, "build", "Library.props");
        var text = await File.ReadAllTextAsync(props);
        var versioned = VersionPrefix().Replace(text, $"<VersionPrefix>{Version}</VersionPrefix>");
        Assert.That(versioned, Is.Not.EqualTo(text));
        await File.WriteAllTextAsync(props, versioned);

        await GitAsync(Checkout, "init", "--quiet", "--initial-branch", "main");
        await GitAsync(Checkout, "add", "--all");
        await GitAsync(
            Checkout, "-c", "user.name=Test", "-c", "user.email=test@example.com", "-c", "commit.gpgsign=false",
            "commit", "--quiet", "--message", "The repository");
        await GitAsync(Checkout, "remote", "add", "origin", Url);
        Commit = (await GitAsync(Checkout, "rev-parse", "HEAD")).Trim();
        await PackAsync(Checkout, Packages);
    }

    [OneTimeTearDown]
    public void Delete() => _folder?.Dispose();

    private static Task<string> GitAsync(string folder, params string[] arguments) =>
        RunAsync(folder, Requirements.FindProgram("git", "git"), arguments);

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        // In a worktree, .git is a file that points to the repository. A copy of it would make git commit there.
        foreach (var file in Directory.GetFiles(from).Where(file => !Excluded.Contains(Path.GetFileName(file))))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.GetDirectories(from).Where(
            folder => !Excluded.Contains(Path.GetFileName(folder))))
            Copy(folder, Path.Combine(to, Path.GetFileName(folder)));
    }

    [GeneratedRegex(@"<VersionPrefix>.*</VersionPrefix>\s*(<VersionSuffix>.*</VersionSuffix>)?")]
    private static partial Regex VersionPrefix();
}
