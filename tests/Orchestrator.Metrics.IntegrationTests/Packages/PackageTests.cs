using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.Metrics.Tests.Packages;

/// <summary>What <c>dotnet pack</c> makes of each project below <c>src</c>.</summary>
[TestFixtureSource(typeof(PackedRepository), nameof(PackedRepository.Projects))]
public class PackageTests(string project)
{
    private static readonly string[] CommonTags = ["prometheus", "openmetrics", "metrics", "workflow", "orchestrator"];

    /// <summary>Projects that cannot be compiled to native code, with the reason.</summary>
    private static readonly Dictionary<string, string> NotAot = [];

    private readonly string _hint =
        $"See src/{project}/{project}.csproj; what all packages share is in build/Library.props.";
    private Package _package = null!;

    [OneTimeSetUp]
    public void Open() => _package = new Package(project);

    [Test]
    public void The_package_is_approved() =>
        Snapshot.Matches(
            string.Join('\n', _package.Files) + "\n\n" + string.Join('\n', _package.SymbolFiles) + "\n\n"
            + _package.Nuspec.ReplaceLineEndings("\n")
                .Replace(PackedRepository.Version, "VERSION", StringComparison.Ordinal)
                .Replace(PackedRepository.Commit, "COMMIT", StringComparison.Ordinal) + "\n",
            suffix: project);

    [Test]
    public void It_has_a_description_tags_and_a_licence()
    {
        Assert.Multiple(() =>
        {
            Assert.That(_package.Text("description"), Is.Not.Null.And.Not.EqualTo("Package Description"), _hint);
            Assert.That(_package.Tags, Is.SupersetOf(CommonTags), $"Start the tags with $(PackageTags). {_hint}");
            Assert.That(_package.Tags.Except(CommonTags), Is.Not.Empty, $"It has no tags of its own. {_hint}");
            Assert.That(_package.Text("license"), Is.EqualTo("MIT"), _hint);
        });
    }

    [Test]
    public void Its_readme_says_how_to_install_and_use_it()
    {
        Assert.That(_package.Text("readme"), Is.EqualTo("README.md"), _hint);
        var readme = Encoding.UTF8.GetString(_package.File("README.md"));

        Assert.That(readme, Is.EqualTo(File.ReadAllText(Path.Combine(TestFiles.Root, "src", project, "README.md"))));
        Assert.That(readme, Does.StartWith($"# {project}\n"));
        Assert.That(readme, Does.Contain($"\ndotnet add package {project}\n"));
        Assert.That(readme, Does.Contain("```csharp\n"), "It shows no code.");
    }

    [Test]
    public void Its_icon_is_a_PNG_of_128_by_128()
    {
        Assert.That(_package.Text("icon"), Is.EqualTo("icon.png"), _hint);
        var icon = _package.File("icon.png").AsSpan();

        Assert.That(icon[1..4].SequenceEqual("PNG"u8), Is.True);
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(icon[16..]), Is.EqualTo(128));
        Assert.That(BinaryPrimitives.ReadInt32BigEndian(icon[20..]), Is.EqualTo(128));
    }

    [Test]
    public void Its_symbols_lead_to_the_sources_of_the_commit()
    {
        var (wanted, packed) = _package.SymbolIds();
        var sources = _package.Sources();

        Assert.That(packed, Is.EqualTo(wanted), "These are not the symbols of this assembly.");
        Assert.That(
            _package.SourceLink(),
            Is.EqualTo("{\"documents\":{\"/_/*\":\"https://raw.githubusercontent.com/example/orchestrator-metrics/"
                + PackedRepository.Commit + "/*\"}}"));
        Assert.That(sources, Is.Not.Empty);
        Assert.That(
            sources.Where(source => !source.Embedded && !IsInRepository(source.Name)), Is.Empty,
            "Their text is neither in the symbols nor in the repository.");
    }

    [Test]
    public void It_can_be_compiled_to_native_code() =>
        Assert.That(
            Encoding.UTF8.GetString(_package.Assembly).Contains("IsAotCompatible", StringComparison.Ordinal),
            Is.EqualTo(!NotAot.ContainsKey(project)),
            "A package that cannot be stands in the list of this test, with the reason.");

    [Test]
    public void One_class_at_most_has_log_messages() =>
        Assert.That(
            _package.ClassesWith("LoggerMessageAttribute"), Has.Length.LessThanOrEqualTo(1),
            "With more, two builds of a commit differ: https://github.com/dotnet/runtime/issues/119587.");

    [Test]
    public void Its_public_api_is_approved() =>
        Assert.That(
            Path.Combine(
                TestFiles.Root, "tests", $"{project}.Tests", "PublicApiTests.The_public_api_is_approved.verified.txt"),
            Does.Exist);

    private static bool IsInRepository(string source) =>
        source.StartsWith("/_/src/", StringComparison.Ordinal) && !source.Contains("/obj/", StringComparison.Ordinal)
        && File.Exists(TestFiles.Root + source[2..]);
}
