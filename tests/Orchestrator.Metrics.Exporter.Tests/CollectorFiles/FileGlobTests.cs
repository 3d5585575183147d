using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Orchestrator.Metrics.Exporter.CollectorFiles;
using Orchestrator.Metrics.Exporter.Yaml;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.CollectorFiles;

internal sealed class FileGlobTests
{
    private TemporaryFolder _folder = null!;

    [SetUp]
    public void Create()
    {
        _folder = new TemporaryFolder();
        foreach (var name in (string[])["b.yml", "a.yml", "a1.yml", "c+d.yml", "x.yaml", "sub1/a.yml", "sub2/b.yml", "w*.yml"])
        {
            var path = Path.Combine(_folder.Path, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "");
        }

        Directory.CreateDirectory(Path.Combine(_folder.Path, "folder.yml"));
    }

    [TearDown]
    public void Delete() => _folder.Dispose();

    [TestCase("a.yml", "a.yml")]
    [TestCase("*.yml", "a.yml a1.yml b.yml c+d.yml w*.yml")]
    [TestCase("?.yml", "a.yml b.yml")]
    [TestCase("[a-b].yml", "a.yml b.yml")]
    [TestCase("[^a].yml", "b.yml")]
    [TestCase("c+*.yml", "c+d.yml")]
    [TestCase("w\\*.yml", "w*.yml")]
    [TestCase("*/*.yml", "sub1/a.yml sub2/b.yml")]
    [TestCase("sub[2-9]/b.yml", "sub2/b.yml")]
    [TestCase("sub1/../[b].yml", "b.yml")]
    [TestCase("./x.*", "x.yaml")]
    [TestCase("A.yml", "")]
    [TestCase("*.yml.bak", "")]
    [TestCase("none/*.yml", "")]
    [TestCase("[b-a].yml", "")]
    [TestCase("[", "")]
    [TestCase("folder.yml", "")]
    public void Pattern_finds_files_as_in_Go(string pattern, string expected) => Assert.That(
        Expand(_folder.Path, pattern), Is.EqualTo(expected));

    [TestCase("*.yml", "a.yml a1.yml b.yml c+d.yml w*.yml")]
    [TestCase("sub[2-9]/b.yml", "sub2/b.yml")]
    public void Absolute_pattern_does_not_depend_on_the_folder(string pattern, string expected) => Assert.That(
        Expand("/none", Path.Combine(_folder.Path, pattern)), Is.EqualTo(expected));

    [TestCase("d[1]", "*.yml")]
    [TestCase("d[1]", "a.yml")]
    [TestCase("d*", "[a].yml")]
    [TestCase("d\\e", "?.yml")]
    public void Special_characters_of_the_folder_are_literal(string name, string pattern)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder.Path, name)).FullName;
        File.WriteAllText(Path.Combine(folder, "a.yml"), "");

        Assert.That(Expand(folder, pattern), Is.EqualTo($"{name}/a.yml"));
    }

    [Test]
    public void Paths_are_relative_to_the_folder_of_the_configuration_and_those_without_a_file_are_reported()
    {
        _folder.Write("sub1/a.yml", """
            collector_name: one
            metrics: [{metric_name: a, type: gauge, help: Help., values: [a], query: SELECT 1 AS a}]
            """);
        var errors = new ConfigurationErrors();
        var map = YamlFile.Parse(
            "collector_files:\n  - sub1/*.yml\n  - sub1/a.yml\n  - none/*.yml\n  - missing.yml\n", "exporter.yaml", errors)!;
        var warnings = new List<string>();

        var collectors = SqlCollectors.Read(map.Find("collector_files"), _folder.Path, errors, warnings);

        Assert.That(collectors.Single().Name, Is.EqualTo("one"));
        Assert.That(
            Assert.Throws<ConfigurationException>(errors.ThrowIfAny)!.Errors.Single(),
            Does.StartWith("exporter.yaml:5:5: The file 'missing.yml' does not exist."));
        Assert.That(warnings, Is.EqualTo(new[]
        {
            $"exporter.yaml:4:5: The pattern 'none/*.yml' matches no file. Paths are relative to '{_folder.Path}'.",
        }));
    }

    [TestCase("loop/a.yml", "loop/a.yml")]
    [TestCase("loop/*.yml", "loop")]
    public void Path_that_cannot_be_read_is_an_error_that_names_it(string pattern, string path)
    {
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "loop"), "loop");
        var errors = new ConfigurationErrors();
        var map = YamlFile.Parse($"collector_files: [{pattern}]", "exporter.yaml", errors)!;

        SqlCollectors.Read(map.Find("collector_files"), _folder.Path, errors, []);

        Assert.That(
            Assert.Throws<ConfigurationException>(errors.ThrowIfAny)!.Errors.Single(),
            Does.StartWith("exporter.yaml:1:19: ").And.Contains($"'{Path.Combine(_folder.Path, path)}'"));
    }

    [TestCase("*/b.yml")]
    [TestCase("*/*.yml")]
    [TestCase("sub2/b.yml")]
    [TestCase("sub2/missing.yml")]
    [SupportedOSPlatform("linux")]
    public void Missing_permission_is_an_error_that_names_the_folder(string pattern)
    {
        var folder = Path.Combine(_folder.Path, "sub2");
        var mode = File.GetUnixFileMode(folder);
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(folder, UnixFileMode.None);

        var failure = Assert.Throws<IOException>(
            () => RunAsOtherUser(() => FileGlob.Expand(_folder.Path, pattern)));
        File.SetUnixFileMode(folder, mode);

        Assert.That(failure!.Message, Is.EqualTo(
            $"The folder '{folder}' cannot be read: the user that runs this program lacks permission."));
    }

    [Test]
    public void Path_with_a_null_character_does_not_exist() =>
        Assert.That(FileGlob.Expand(_folder.Path, "a\0b.yml"), Is.Empty);

    [Test]
    public void Absent_key_loads_no_files() =>
        Assert.That(SqlCollectors.Read(null, _folder.Path, new ConfigurationErrors(), []), Is.Empty);

    private string Expand(string folder, string pattern) => string.Join(
        ' ', FileGlob.Expand(folder, pattern).Select(path => Path.GetRelativePath(_folder.Path, path)));

    // Permissions do not restrict root. For other users, setfsuid has no effect and is not needed.
    private static void RunAsOtherUser(Action action)
    {
        const int Nobody = 65534;
        var previous = SetFileSystemUser(Nobody);
        try
        {
            action();
        }
        finally
        {
            _ = SetFileSystemUser(previous);
        }
    }

    // Changes the user of the calling thread only, whereas setuid changes that of the whole process.
    [DllImport("libc", EntryPoint = "setfsuid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int SetFileSystemUser(int user);
}
