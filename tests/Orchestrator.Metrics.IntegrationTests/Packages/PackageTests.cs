using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.Metrics.Tests.Packages;

[TestFixtureSource(typeof(PackedRepository), nameof(PackedRepository.Projects))]
public class PackageTests(string project)
{
    private static readonly string[] CommonTags = ["prometheus", "openmetrics", "metrics", "workflow", "orchestrator"];

    /// <summary>Projects that cannot be compiled to native code, with the reason.</summary>
    private static readonly Dictionary<string, string> NotAot = [];

    private readonly string _hint =
        $"See src/{project}/{project}.csproj, and build/Library.props for the settings of all packages.";
    private Package _package = null!;

    [OneTimeSetUp]
    public void Open() => _package = new Package(project);

    [Test]
    public void The_package_is_approved() =>
        Snapshot.AssertMatches(
            string.Join('\n', _package.Files) + "\n\n" + string.Join('\n', _package.SymbolFiles) + "\n\n"
            + _package.Nuspec.ReplaceLineEndings("\n")
                .Replace(PackedRepository.Version, "VERSION", StringComparison.Ordinal)
                .Replace(PackedRepository.Commit, "COMMIT", StringComparison.Ordinal) + "\n",
            suffix: project);

    [Test]
    public void Package_has_a_description_tags_and_a_licence()
    {
        Assert.Multiple(() =>
        {
            Assert.That(_package.GetText("description"), Is.Not.Null.And.Not.EqualTo("Package Description"), _hint);
            Assert.That(_package.Tags, Is.SupersetOf(CommonTags), $"Start the tags with $(PackageTags). {_hint}");
            Assert.That(_package.Tags.Except(CommonTags), Is.Not.Empty, $"The package has no specific tags. {_hint}");
            Assert.That(_package.GetText("license"), Is.EqualTo("MIT"), _hint);
        });
    }

    [Test]
    public void Package_readme_shows_how_to_install_and_use_the_package()
    {
        Assert.That(_package.GetText("readme"), Is.EqualTo("README.md"), _hint);
        var readme = Encoding.UTF8.GetString(_package.GetFile("README.md"));

        Assert.That(readme, Is.EqualTo(File.ReadAllText(Path.Combine(TestFiles.Root, "src", project, "README.md"))));
        Assert.That(readme, Does.StartWith($"# {project}\n"));
        Assert.That(readme, Does.Contain($"\ndotnet add package {project} --prerelease\n"));
        Assert.That(readme, Does.Contain("```csharp\n"), "The README has no code.");
    }

    [Test]
    public void Package_icon_is_a_PNG_of_128_by_128_pixels()
    {
        Assert.That(_package.GetText("icon"), Is.EqualTo("icon.png"), _hint);
        var icon = _package.GetFile("icon.png").AsSpan();

        Assert.That(icon[1..4].SequenceEqual("PNG"u8), Is.True);
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(icon[16..]), Is.EqualTo(128));
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(icon[20..]), Is.EqualTo(128));
    }

    [Test]
    public void Package_symbols_link_to_the_sources_of_the_commit()
    {
        var (referenced, packed) = _package.ReadSymbolIds();
        var sources = _package.ReadSources();

        Assert.That(packed, Is.EqualTo(referenced), "The symbols belong to another assembly.");
        Assert.That(
            _package.ReadSourceLink(),
            Is.EqualTo("{\"documents\":{\"/_/*\":\"https://raw.githubusercontent.com/example/orchestrator-metrics/"
                + PackedRepository.Commit + "/*\"}}"));
        Assert.That(sources, Is.Not.Empty);
        Assert.That(
            sources.Where(source => !source.Embedded && !IsInRepository(source.Name)), Is.Empty,
            "Sources are neither embedded in the symbols nor in the repository.");
    }

    [Test]
    public void Package_is_AOT_compatible_unless_listed() =>
        Assert.That(
            Encoding.UTF8.GetString(_package.Assembly).Contains("IsAotCompatible", StringComparison.Ordinal),
            Is.EqualTo(!NotAot.ContainsKey(project)),
            "List packages that are not AOT compatible in this test, with the reason.");

    [Test]
    public void Log_messages_are_in_at_most_one_class() =>
        Assert.That(
            _package.FindClassesWith("LoggerMessageAttribute"), Has.Length.LessThanOrEqualTo(1),
            "With several classes, builds of the same commit differ: https://github.com/dotnet/runtime/issues/119587.");

    [Test]
    public void Public_api_has_an_approved_snapshot() =>
        Assert.That(
            Path.Combine(
                TestFiles.Root, "tests", $"{project}.Tests", "PublicApiTests.The_public_api_is_approved.verified.txt"),
            Does.Exist);

    private static bool IsInRepository(string source) =>
        source.StartsWith("/_/src/", StringComparison.Ordinal) && !source.Contains("/obj/", StringComparison.Ordinal)
        && File.Exists(TestFiles.Root + source[2..]);
}
