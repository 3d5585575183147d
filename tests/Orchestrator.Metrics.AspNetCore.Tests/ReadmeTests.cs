using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Tests.Snippets;

namespace Orchestrator.Metrics.Tests;

/// <summary>What the README shows is compiled code, and does what the README says.</summary>
public partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(TestFiles.Root, "README.md"));

    private static IEnumerable<string> CodeBlocks() => CodeBlock().Matches(Readme).Select(match => match.Groups[1].Value);

    [TestCaseSource(nameof(CodeBlocks))]
    public void Every_snippet_stands_in_a_file_that_is_compiled(string block)
    {
        var lines = Lines(block);
        var usings = lines.Where(IsUsing).ToArray();
        var code = string.Join('\n', lines.Where(line => !IsUsing(line)));

        Assert.That(
            CompiledFiles().Where(file => file.Contains(code, StringComparison.Ordinal))
                .Where(file => usings.All(line => file.Contains(line, StringComparison.Ordinal))),
            Is.Not.Empty,
            $"Not in the folder Snippets or the sample:\n{block}");
    }

    [Test]
    public void There_are_snippets() => Assert.That(CodeBlocks().Count(), Is.GreaterThan(5));

    [Test]
    public async Task The_host_serves_the_output_that_is_shown()
    {
        await using var host = await HostCapture.RunAsync(ReadmeHost.Run);

        var text = await host.Client.GetStringAsync("/api/metrics");

        var shown = TextBlock().Matches(Readme).Select(match => match.Groups[1].Value)
            .Where(block => block.StartsWith("# HELP acme_jobs_waiting", StringComparison.Ordinal)).ToArray();
        Assert.That(shown, Has.Length.EqualTo(1));
        Assert.That(text, Does.EndWith(shown[0]));
    }

    [Test]
    public void The_types_are_written_as_shown()
    {
        var text = ExpositionText.Of(
            ExpositionFormat.OpenMetrics, [.. ReadmeHost.Types()]);

        Assert.That(TextBlock().Matches(Readme).Select(match => match.Groups[1].Value), Has.Member(text));
    }

    [Test]
    public async Task On_one_port_means_that_port_whatever_the_client_says()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics().AddCollector(TestCollector.Gauge("acme_a", 1)),
            ReadmeHost.OnOnePort);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/metrics");
        request.Headers.Host = "localhost:9090";

        Assert.That((await host.Client.SendAsync(request)).StatusCode, Is.EqualTo(System.Net.HttpStatusCode.NotFound));
    }

    [Test]
    public async Task The_collector_is_tested_as_shown() =>
        Assert.That(await ReadmeCollectorTest.ScrapeAsync(), Does.Contain("acme_jobs_waiting{priority=\"low\"} 17.0\n"));

    private static bool IsUsing(string line) => line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';')
        && !line.Contains('=', StringComparison.Ordinal);

    private static IEnumerable<string> CompiledFiles() =>
        new[] { Path.Combine("tests", "Orchestrator.Metrics.AspNetCore.Tests", "Snippets"), "samples" }
            .SelectMany(folder => Directory.GetFiles(
                Path.Combine(TestFiles.Root, folder), "*.cs", SearchOption.AllDirectories))
            .Select(file => string.Join('\n', Lines(File.ReadAllText(file))));

    private static string[] Lines(string code) =>
        code.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("^```text\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex TextBlock();
}
