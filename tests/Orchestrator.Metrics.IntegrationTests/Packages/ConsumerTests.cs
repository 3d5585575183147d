using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Orchestrator.Metrics.Tests.Packages;

public partial class ConsumerTests
{
    private const string Additions =
        """
        # HELP acme_sites Sites per city.
        # TYPE acme_sites gauge
        acme_sites{city="Oslo"} 2.0
        acme_sites{city="Rome"} 1.0
        # HELP acme_visits_total Visits per city.
        # TYPE acme_visits_total counter
        acme_visits_total{city="Oslo",otel_scope_name="Acme"} 1.0
        # HELP acme_visit_duration_seconds Duration of visits.
        # TYPE acme_visit_duration_seconds histogram
        acme_visit_duration_seconds_bucket{le="1.0",otel_scope_name="Acme"} 1.0
        acme_visit_duration_seconds_bucket{le="+Inf",otel_scope_name="Acme"} 1.0
        acme_visit_duration_seconds_count{otel_scope_name="Acme"} 1.0
        acme_visit_duration_seconds_sum{otel_scope_name="Acme"} 0.25

        """;

    [Test]
    public async Task New_project_with_all_packages_serves_the_golden_file()
    {
        var folder = Directory.CreateDirectory(Path.Combine(PackedRepository.Folder, "consumer")).FullName;
        foreach (var file in Directory.GetFiles(
            Path.Combine(TestFiles.Root, "samples", "Orchestrator.Metrics.AotHost"), "*.cs"))
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        await File.WriteAllTextAsync(Path.Combine(folder, "consumer.csproj"), FormatProject());
        AddPackages(XDocument.Load(Path.Combine(TestFiles.Root, "nuget.config")))
            .Save(Path.Combine(folder, "nuget.config"));

        await PackedRepository.RunAsync(folder, "dotnet", "build", "--verbosity", "quiet");
        var text = await GetAsync(url => RunningProgram.Start(
            "dotnet", [Path.Combine(folder, "bin", "Debug", "net10.0", "consumer.dll"), "--urls", url],
            ("ENABLE_PROMETHEUS_METRICS_ENDPOINT", "true")));

        var golden = await File.ReadAllTextAsync(TestFiles.GetGolden("default-metrics.txt"));
        Assert.That(text, Is.EqualTo(golden + Additions));
    }

    [Test]
    public async Task First_metric_of_the_README_and_its_test_work_unchanged()
    {
        var blocks = await ReadBlocksAsync("README.md", "## First metric");
        var application = Path.Combine(PackedRepository.Folder, "MyOrchestrator");
        var tests = Path.Combine(PackedRepository.Folder, "MyOrchestrator.Tests");

        // Create a project; add two files; run it and send a request; compare the response.
        await RunBashAsync(PackedRepository.Folder, blocks[0]);
        await File.WriteAllTextAsync(Path.Combine(application, "Program.cs"), blocks[1]);
        await File.WriteAllTextAsync(Path.Combine(application, "QueueCollector.cs"), blocks[2]);
        var (run, curl) = (blocks[3].Split('\n')[0], blocks[3].Split('\n')[1]);
        Assert.That(curl, Does.StartWith("curl http://localhost:5090/api/metrics "));
        var text = await GetAsync(url => RunningProgram.Start(
            Bash,
            ["-c", $"cd '{application}'\nexec {run.Replace("http://localhost:5090", url, StringComparison.Ordinal)}"],
            PackedRepository.Environment));
        Assert.That(text, Is.EqualTo(blocks[4]));

        // Skip the delegate in blocks[5]. Create a test project; add one file; run it.
        await RunBashAsync(application, blocks[6]);
        await File.WriteAllTextAsync(Path.Combine(tests, "QueueCollectorTests.cs"), blocks[7]);
        var output = await PackedRepository.RunAsync(tests, "dotnet", "test", "--filter", "QueueCollectorTests");
        Assert.That(output, Does.Match("Failed: +0, Passed: +1, Skipped: +0"));
    }

    [Test]
    public async Task Packages_are_packed_and_used_as_the_contributing_guide_describes()
    {
        var blocks = await ReadBlocksAsync(".github/CONTRIBUTING.md", "## Packages");

        await RunBashAsync(PackedRepository.Folder, blocks[0]);

        await PackedRepository.RunAsync(
            Path.Combine(PackedRepository.Folder, "MyPackagedOrchestrator"), "dotnet", "build", "--verbosity", "quiet");
    }

    private static string Bash => Requirements.FindProgram("bash", "bash");

    private static Task<string> RunBashAsync(string folder, string commands) =>
        PackedRepository.RunAsync(folder, Bash, "-euo", "pipefail", "-c", commands);

    /// <summary>Returns the code blocks of a page of the repository, from a heading to the end of the page.</summary>
    private static async Task<string[]> ReadBlocksAsync(string page, string heading)
    {
        var text = await File.ReadAllTextAsync(Path.Combine(TestFiles.Root, page));
        var start = text.IndexOf(heading + "\n", StringComparison.Ordinal);
        Assert.That(start, Is.Positive);
        return [.. Block().Matches(text, start).Select(match => match.Groups[1].Value)];
    }

    private static async Task<string> GetAsync(Func<string, RunningProgram> run)
    {
        var url = $"http://127.0.0.1:{FreePort.Find()}";
        await using var program = run(url);
        using var client = new HttpClient();
        return await program.WaitForAsync(async () => await client.GetStringAsync(new Uri(url + "/api/metrics")));
    }

    private static string FormatProject() =>
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

    /// <summary>
    /// Adds a source to the configuration of the repository: the folder of the packages under test, for them only.
    /// </summary>
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
}
