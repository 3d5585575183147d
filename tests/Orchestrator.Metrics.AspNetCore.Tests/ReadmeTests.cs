using System.Data;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Metrics.Tests.Snippets;

namespace Orchestrator.Metrics.Tests;

public partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(TestFiles.Root, "README.md"));

    private static readonly string[] CorePages =
        Directory.GetFiles(Path.Combine(TestFiles.Root, "src", "Orchestrator.Metrics", "docs"), "*.md");

    private static IEnumerable<string> FindReadmes() =>
    [
        "README.md",
        .. Directory.GetDirectories(Path.Combine(TestFiles.Root, "src"))
            .Where(folder => Directory.GetFiles(folder, "*.csproj").Length > 0)
            .Select(folder => Path.Combine("src", Path.GetFileName(folder), "README.md")),
        .. Directory.GetFiles(Path.Combine(TestFiles.Root, "samples"), "README.md", SearchOption.AllDirectories)
            .Concat(CorePages).Select(file => Path.GetRelativePath(TestFiles.Root, file)),
    ];

    [TestCaseSource(nameof(FindReadmes))]
    public void Every_snippet_is_in_a_compiled_file(string readme)
    {
        var path = Path.Combine(TestFiles.Root, readme);
        Assert.That(path, Does.Exist, "Every package has a README.md next to its project.");
        var files = ReadCompiledFiles().ToArray();

        var missing = FindBlocks(CodeBlock, File.ReadAllText(path))
            .Where(block => !files.Any(file => ContainsSnippet(file, block)));

        Assert.That(
            missing, Is.Empty,
            $"These snippets of {readme} are neither in a Snippets folder of the tests nor in the samples.");
    }

    [TestCaseSource(nameof(FindReadmes))]
    [TestCase("CHANGELOG.md")]
    [TestCase("src/DEPENDENCIES.md")]
    public void Every_relative_link_points_to_an_existing_file_and_heading(string page)
    {
        var path = Path.Combine(TestFiles.Root, page);
        var links = Link.Matches(File.ReadAllText(path)).Select(match => match.Groups[1].Value)
            .Where(link => !link.StartsWith("http", StringComparison.Ordinal)).ToArray();

        Assert.That(links.Where(link => !Exists(path, link)), Is.Empty);
    }

    [Test]
    public void Root_README_has_at_most_220_lines() =>
        Assert.That(Readme.Count(character => character == '\n'), Is.LessThanOrEqualTo(220));

    [Test]
    public void Root_README_has_no_comments() => Assert.That(Readme, Does.Not.Contain("-->").And.Not.Contain("<!--"));

    [Test]
    public void Root_README_has_snippets() => Assert.That(FindBlocks(CodeBlock, Readme).Count(), Is.GreaterThan(3));

    [Test]
    public async Task First_metric_in_the_root_README_is_served_as_shown()
    {
        await using var host = await HostCapture.RunAsync(PackageReadmes.RunQueueCollector);

        Assert.That(FindBlocks(TextBlock, Readme), Has.Member(await host.Client.GetStringAsync("/api/metrics")));
    }

    [Test]
    public async Task Repositories_on_the_default_families_page_provide_the_families_in_the_root_README()
    {
        await using var host = await HostCapture.RunAsync(ReadmeHost.Run);

        var text = await host.Client.GetStringAsync("/api/metrics");

        var table = FamilyRow.Matches(Readme).Select(row => row.Groups[1].Value).ToArray();
        Assert.That(table, Has.Length.EqualTo(5));
        Assert.That(table.Where(family => !text.Contains($"# HELP {family} ", StringComparison.Ordinal)), Is.Empty);
        Assert.That(text, Does.Contain("""product_name="Router"} 53.0""" + "\n"));
    }

    [Test]
    public async Task Endpoints_in_the_package_READMEs_select_collectors_by_tags()
    {
        await using var host = await TestHost.StartAsync(
            services => services.AddOrchestratorMetrics()
                .AddGauge("acme_a", "", _ => 1).AddGauge("acme_b", "", _ => 2, options => options.Tags = ["cluster"]),
            ReadmeHost.MapTwo);

        Assert.That(await host.Client.GetStringAsync("/api/metrics"), Does.Contain("acme_a").And.Not.Contain("acme_b"));
        Assert.That(
            await host.Client.GetStringAsync("/metrics/cluster"), Does.Contain("acme_b").And.Not.Contain("acme_a"));
    }

    [Test]
    public async Task Dedicated_port_in_the_AspNetCore_README_serves_the_metrics_of_a_worker()
    {
        await using var host = await WorkerHost.StartAsync(
            builder => ReadmeHost.AddServer(builder.AddCollector(FakeCollector.Returning("acme_a", 1)).Services),
            args: ["--OrchestratorMetrics:Server:Port=0"]);

        Assert.That(await host.Client.GetStringAsync("/metrics"), Does.EndWith("acme_a 1.0\n"));
    }

    [Test]
    public async Task Rows_in_the_README_of_the_core_become_a_gauge_histogram()
    {
        using var rows = new DataTable();
        rows.Columns.Add("bucket", typeof(int));
        rows.Columns.Add("count", typeof(long));
        rows.Rows.Add(0, 4L);
        rows.Rows.Add(3, 1L);

        var family = await ReadmeHost.CountRowsAsync(rows.CreateDataReader(), CancellationToken.None);

        Assert.That(
            family.Samples.Select(sample => (sample.Labels["le"], sample.Value)),
            Is.EqualTo(new[] { ("1.0", 4.0), ("10.0", 4.0), ("60.0", 4.0), ("+Inf", 5.0) }));
    }

    [Test]
    public void Messages_on_the_troubleshooting_page_match_the_code()
    {
        var files = Directory.GetFiles(Path.Combine(TestFiles.Root, "src"), "*.cs", SearchOption.AllDirectories);
        var code = StringConcatenation.Replace(string.Join('\n', files.Select(File.ReadAllText)), "");
        var page = File.ReadAllText(CorePages.Single(file => Path.GetFileName(file) == "troubleshooting.md"));
        var messages = page.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(line => Quoted.Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value)).ToArray();

        Assert.That(messages, Has.Length.GreaterThan(30));
        Assert.That(messages.Where(message => !code.Contains(message, StringComparison.Ordinal)), Is.Empty);
    }

    private static bool Exists(string page, string link)
    {
        var (file, anchor) = link.IndexOf('#', StringComparison.Ordinal) is >= 0 and var hash
            ? (link[..hash], link[(hash + 1)..])
            : (link, "");
        var path = file.Length == 0 ? page : Path.Combine(Path.GetDirectoryName(page)!, file);
        return anchor.Length == 0
            ? Path.Exists(path)
            : File.Exists(path) && Heading.Matches(File.ReadAllText(path)).Any(
                heading => CreateAnchor(heading.Groups[1].Value) == anchor);
    }

    private static string CreateAnchor(string heading) =>
        new([.. heading.ToLowerInvariant().Where(character => char.IsLetterOrDigit(character) || character is ' ' or '-' or '_')
            .Select(character => character == ' ' ? '-' : character)]);

    private static IEnumerable<string> FindBlocks(Regex kind, string readme) =>
        kind.Matches(readme).Select(match => match.Groups[1].Value);

    private static bool ContainsSnippet(string file, string block)
    {
        var lines = SplitLines(block);
        var code = string.Join('\n', lines.Where(line => !IsUsing(line)));
        return file.Contains(code, StringComparison.Ordinal)
            && lines.Where(IsUsing).All(line => file.Contains(line, StringComparison.Ordinal));
    }

    private static bool IsUsing(string line) => line.StartsWith("using ", StringComparison.Ordinal) && line.EndsWith(';')
        && !line.Contains('=', StringComparison.Ordinal);

    private static IEnumerable<string> ReadCompiledFiles() =>
        Directory.GetDirectories(Path.Combine(TestFiles.Root, "tests"))
            .Select(project => Path.Combine(project, "Snippets")).Where(Directory.Exists)
            .Append(Path.Combine(TestFiles.Root, "samples"))
            .SelectMany(folder => Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Select(file => string.Join('\n', SplitLines(File.ReadAllText(file))));

    private static string[] SplitLines(string code) =>
        code.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    [GeneratedRegex("^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CodeBlock { get; }

    [GeneratedRegex("^```json\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex JsonBlock { get; }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link { get; }

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading { get; }

    [GeneratedRegex("\" \\+\\s*\\$?\"")]
    private static partial Regex StringConcatenation { get; }

    [GeneratedRegex(@"^\| `(wfo_\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex FamilyRow { get; }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Quoted { get; }

    [GeneratedRegex("^```text\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex TextBlock { get; }
}
