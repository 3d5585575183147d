using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests;

/// <summary>The folders of the library are layers. A folder may refer only to types of certain other folders.</summary>
public partial class ArchitectureTests
{
    private const string Root = "";
    private const string Registry = nameof(OrchestratorMetricsRegistry);

    /// <summary>The other folders whose types a folder may use. Folders not listed may use all types.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Text"] = [],
        ["Logging"] = [],
        ["Model"] = ["Text"],
        ["Relabeling"] = ["Model", "Text", Root],
        ["Exposition"] = ["Model", "Text", Root],
        ["Outcomes"] = ["Model", "Text", "Logging", Root],
        ["Collection"] = ["Outcomes", "Relabeling", "Model", "Text", "Logging", Root],
        ["Collectors"] = ["Model", "Text", "Logging", Root],
        ["Meters"] = ["Model", "Text", "Exposition", "Logging", Root],
        ["Hosting"] = ["Collection", "Logging", Root],
    };

    private static readonly string[] MayUseRegistry = [Root, "DependencyInjection", "Hosting", "Meters"];

    private static readonly SourceFile[] Files = ReadSources();

    [Test]
    public void Folders_refer_only_to_the_layers_below_them() => Assert.That(FindViolations(Files), Is.Empty);

    [Test]
    public void Only_the_root_dependency_injection_hosting_and_meters_use_the_registry() => Assert.That(
        Files.Where(file => !MayUseRegistry.Contains(file.Folder) && file.Names.Contains(Registry))
            .Select(file => file.Path),
        Is.Empty);

    [Test]
    public void Internal_types_have_the_namespace_of_their_folder_and_public_types_that_of_the_library() => Assert.That(
        typeof(OrchestratorMetricsRegistry).Assembly.GetTypes()
            .Where(type => !type.IsNested && type.Namespace?.StartsWith("Orchestrator.", StringComparison.Ordinal) == true)
            .Select(type => (
                Type: type, File: Files.FirstOrDefault(file => file.Types.Contains(RemoveArity(type.Name)))))
            .Where(found =>
                found.File is not null && found.Type.Namespace != GetExpectedNamespace(found.Type, found.File))
            .Select(found => found.Type.FullName),
        Is.Empty);

    [TestCase("Text", "internal class Escaper { MetricFamily family; }", "Text/New.cs names MetricFamily of Model")]
    [TestCase("Model", "internal class Family { MetricsSnapshot snapshot; }", "Model/New.cs names MetricsSnapshot of Exposition")]
    [TestCase("Collection", "class Run { ExpositionFormat f; }", "Collection/New.cs names ExpositionFormat of Exposition")]
    [TestCase("Model", "class Family { /* MetricsSnapshot */ string s = \"MetricsSnapshot\"; // MetricsSnapshot\n }", null)]
    public void Check_finds_forbidden_references(string folder, string code, string? violation) => Assert.That(
        FindViolations([.. Files, SourceFile.Parse(folder, $"{folder}/New.cs", code)]),
        Is.EqualTo(violation is null ? [] : new[] { violation }));

    private static string[] FindViolations(SourceFile[] files)
    {
        var folders = files.SelectMany(file => file.Types.Select(type => (type, file.Folder)))
            .DistinctBy(found => found.type).ToDictionary(found => found.type, found => found.Folder);
        return
        [
            .. from file in files
               where Allowed.ContainsKey(file.Folder)
               from name in file.Names
               where folders.TryGetValue(name, out var folder) && folder != file.Folder
                   && !file.Types.Contains(name) && !Allowed[file.Folder].Contains(folder)
               select $"{file.Path} names {name} of {(folders[name] == Root ? "the root" : folders[name])}",
        ];
    }

    private static string GetExpectedNamespace(Type type, SourceFile file) =>
        type.IsPublic || file.Folder == Root
            ? "Orchestrator.Metrics"
            : $"Orchestrator.Metrics.{Path.GetDirectoryName(file.Path)!.Replace('/', '.').Replace('\\', '.')}";

    private static string RemoveArity(string name) => name.Split('`')[0];

    private static SourceFile[] ReadSources()
    {
        var root = Path.Combine(TestFiles.Root, "src", "Orchestrator.Metrics");
        return
        [
            .. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
                .Select(path => Path.GetRelativePath(root, path).Replace('\\', '/'))
                .Where(path => !path.StartsWith("obj/", StringComparison.Ordinal)
                    && !path.StartsWith("bin/", StringComparison.Ordinal))
                .Select(path => SourceFile.Parse(
                    path.Contains('/') ? path[..path.IndexOf('/')] : Root, path,
                    File.ReadAllText(Path.Combine(root, path)))),
        ];
    }

    private sealed partial record SourceFile(string Folder, string Path, HashSet<string> Types, HashSet<string> Names)
    {
        public static SourceFile Parse(string folder, string path, string code)
        {
            code = NotCode().Replace(code, " ");
            return new(
                folder, path,
                [.. Declaration().Matches(code).Select(match => match.Groups[1].Value)],
                [.. Identifier().Matches(code).Select(match => match.Value)]);
        }

        [GeneratedRegex("""//[^\n]*|/\*.*?\*/|\$?"(?:[^"\\\n]|\\.)*"|\.\s*\w+(?=\s*[;,)\]}=(])|^using [^;]*;""",
            RegexOptions.Singleline | RegexOptions.Multiline)]
        private static partial Regex NotCode();

        [GeneratedRegex(@"^(?:public|internal)[\w ]* (?:class|struct|record|enum|interface) (\w+)", RegexOptions.Multiline)]
        private static partial Regex Declaration();

        [GeneratedRegex(@"\b[A-Z]\w+")]
        private static partial Regex Identifier();
    }
}
