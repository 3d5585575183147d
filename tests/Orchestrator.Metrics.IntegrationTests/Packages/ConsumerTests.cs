using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Orchestrator.Metrics.Tests.Packages;

/// <summary>Applications outside of the repository that use the packages.</summary>
public partial class ConsumerTests
{
    private const string Sites =
        """
        # HELP acme_sites Sites per city.
        # TYPE acme_sites gauge
        acme_sites{city="Oslo"} 2.0
        acme_sites{city="Rome"} 1.0

        """;

    [Test]
    public async Task A_new_project_with_all_packages_serves_the_golden_file()
    {
        var folder = Directory.CreateDirectory(Path.Combine(PackedRepository.Folder, "consumer")).FullName;
        foreach (var file in Directory.GetFiles(
            Path.Combine(TestFiles.Root, "samples", "Orchestrator.Metrics.AotHost"), "*.cs"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        await File.WriteAllTextAsync(Path.Combine(folder, "consumer.csproj"), Project());
        AddPackages(XDocument.Load(Path.Combine(TestFiles.Root, "nuget.config")))
            .Save(Path.Combine(folder, "nuget.config"));

        await PackedRepository.RunAsync(folder, "dotnet", "build", "--verbosity", "quiet");
        var text = await GetAsync(url => RunningProgram.Start(
            "dotnet", [Path.Combine(folder, "bin", "Debug", "net10.0", "consumer.dll"), "--urls", url],
            ("ENABLE_PROMETHEUS_METRICS_ENDPOINT", "true")));

        Assert.That(text, Is.EqualTo(await File.ReadAllTextAsync(TestFiles.Golden("default-metrics.txt")) + Sites));
    }

    [Test]
    public async Task The_first_steps_of_the_README_work_as_they_stand()
    {
        var readme = await File.ReadAllTextAsync(Path.Combine(TestFiles.Root, "README.md"));
        var start = readme.IndexOf("## Put it into your application\n", StringComparison.Ordinal);
        var blocks = Block().Matches(readme, start).Select(match => match.Groups[1].Value).ToArray();
        var files = FileName().Matches(readme, start).Select(match => match.Groups[1].Value).Take(3).ToArray();
        var folder = Path.Combine(PackedRepository.Folder, "trial", "MyOrchestrator");
        var bash = Requirements.Program("bash", "bash");

        // Create a project; three files; run it and ask.
        await PackedRepository.RunAsync(PackedRepository.Folder, bash, "-euo", "pipefail", "-c", blocks[0]);
        for (var i = 0; i < files.Length; i++)
            await File.WriteAllTextAsync(Path.Combine(folder, files[i]), blocks[i + 1]);
        var run = blocks[4].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(files, Is.EqualTo(new[] { "Program.cs", "QueueCollector.cs", "Repositories.cs" }));
        Assert.That(run[^1], Is.EqualTo("curl http://localhost:5090/api/metrics"));
        var text = await GetAsync(url => RunningProgram.Start(
            bash,
            ["-c", $"cd '{folder}'\nexec env {run[0].Replace("http://localhost:5090", url, StringComparison.Ordinal)}"],
            PackedRepository.Environment));

        Assert.That(text, Does.StartWith("# HELP wfo_subscriptions_count "));
        Assert.That(text, Does.EndWith(blocks[5]));
    }

    private static async Task<string> GetAsync(Func<string, RunningProgram> run)
    {
        var url = $"http://127.0.0.1:{FreePort.Next()}";
        await using var program = run(url);
        using var client = new HttpClient();
        return await program.WaitForAsync(async () => await client.GetStringAsync(new Uri(url + "/api/metrics")));
    }

    private static string Project() =>
        $"""
        <Project Sdk="Microsoft.NET.Sdk.Web">
          <PropertyGroup>
            <TargetFramework>net10.0</TargetFramework>
            <Nullable>enable</Nullable>
            <ImplicitUsings>enable</ImplicitUsings>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
          </PropertyGroup>
          <ItemGroup>
            {string.Concat(PackedRepository.Projects.Select(project =>
                $"<PackageReference Include=\"{project}\" Version=\"[{PackedRepository.Version}]\" />"))}
          </ItemGroup>
        </Project>
        """;

    /// <summary>The sources of the repository, and the folder for our packages only.</summary>
    private static XDocument AddPackages(XDocument configuration)
    {
        configuration.Root!.Element("packageSources")!.Add(
            new XElement("add", new XAttribute("key", "local"), new XAttribute("value", PackedRepository.Packages)));
        configuration.Root.Element("packageSourceMapping")!.Add(
            new XElement(
                "packageSource", new XAttribute("key", "local"),
                new XElement("package", new XAttribute("pattern", "Orchestrator.Metrics*"))));
        return configuration;
    }

    [GeneratedRegex("^```[a-z]+\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("`([A-Za-z]+\\.cs)`")]
    private static partial Regex FileName();
}
