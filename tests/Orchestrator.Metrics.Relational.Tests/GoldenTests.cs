using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// Expositions equal those of the collectors of orchestrator-core, except for the order of samples with equal counts.
/// </summary>
public class GoldenTests
{
    private const string Lock = "UPDATE engine_settings SET global_lock = true;";
    private const string Suspend = "UPDATE processes SET last_status = 'suspended' WHERE last_status = 'running';";

    private static IEnumerable<TestCaseData> BuildCases()
    {
        yield return BuildCase("empty-running", null, Databases.Schema);
        yield return BuildCase("empty-paused", null, Databases.Schema, Lock);
        yield return BuildCase("empty-worker-count", 5, Databases.Schema);
        yield return BuildCase("empty-pausing-worker-count", 5, Databases.Schema, Lock);
        yield return BuildCase("small-running", null, Databases.Schema, Databases.Small);
        yield return BuildCase("small-pausing", null, Databases.Schema, Databases.Small, Lock);
        yield return BuildCase("small-paused", null, Databases.Schema, Databases.Small, Lock, Suspend);
        yield return BuildCase(
            "small-no-process-tables", null, Databases.Schema, Databases.Small,
            "DROP TABLE processes_subscriptions, processes;");

        // The first lines of these files state the arguments of the generator.
        foreach (var name in new[] { "seed-7-many-groups", "seed-42-few-groups" })
            yield return BuildCase(name, null, Databases.Schema, Databases.ReadScript($"{name}.sql"));

        static TestCaseData BuildCase(string name, long? running, params string[] scripts) =>
            new TestCaseData(name, running, scripts).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(BuildCases))]
    public async Task Expositions_equal_those_of_orchestrator_core(string name, long? running, string[] scripts)
    {
        await using var database = await Databases.CreateAsync(scripts);
        await using var services = BuildServices(database, running);
        var registry = services.GetRequiredService<OrchestratorMetricsRegistry>();

        foreach (var (format, suffix) in new[]
            { (ExpositionFormat.PrometheusText, "txt"), (ExpositionFormat.OpenMetrics, "openmetrics") })
        {
            var expected = await File.ReadAllBytesAsync(Databases.GetReferencePath($"{name}.{suffix}"));
            Exposition.AssertSame(await Exposition.WriteAsync(registry, format), expected);
        }
    }

    [Test]
    public async Task Missing_tables_give_all_families_without_samples()
    {
        await using var database = await Databases.CreateAsync();
        await using var services = BuildServices(database, null);

        var text = (await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync()).ToText();

        Assert.That(text, Is.EqualTo(
            await File.ReadAllTextAsync(Databases.GetReferencePath("no-tables-no-engine.txt")) +
            "# HELP wfo_engine_status Current workflow engine status.\n# TYPE wfo_engine_status gauge\n" +
            "# HELP wfo_active_process_count Number of currently running processes in the workflow engine.\n" +
            "# TYPE wfo_active_process_count gauge\n"));
    }

    [TestCase("DELETE FROM engine_settings;", "no row")]
    [TestCase("INSERT INTO engine_settings VALUES (true);", "more than one row")]
    public async Task Engine_settings_must_contain_exactly_one_row(string script, string message)
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, script);
        await using var services = BuildServices(database, null);

        Assert.That(
            async () => await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync(),
            Throws.InstanceOf<MetricsCollectionException>()
                .With.Property("FailedCollectors").EqualTo(new[] { "WorkflowEngineCollector" })
                .And.InnerException.Message.Contains(message));
    }

    [Test]
    public async Task Null_creator_and_creator_named_None_are_one_series()
    {
        await using var database = await Databases.CreateAsync(Databases.Schema, Databases.ReadScript("none-twin.sql"));
        await using var services = BuildServices(database, null);

        var metrics = await services.GetRequiredService<OrchestratorMetricsRegistry>().CollectAsync();
        var lines = metrics.ToText().Split('\n');

        var series = lines.Where(line => line.Length > 0 && line[0] != '#')
            .Select(line => line[..line.LastIndexOf(' ')]);
        Assert.That(series, Is.Unique);
        Assert.That(
            lines.Where(line => line.StartsWith("wfo_process_count{", StringComparison.Ordinal)).Sum(ParseValue),
            Is.EqualTo((await File.ReadAllLinesAsync(Databases.GetReferencePath("none-twin.txt")))
                .Where(line => line.StartsWith("wfo_process_count{", StringComparison.Ordinal)).Sum(ParseValue)));

        static double ParseValue(string line) =>
            double.Parse(line[(line.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
    }

    internal static ServiceProvider BuildServices(
        DbDataSource database, long? running = null, Action<RelationalOptions>? configure = null) =>
        new ServiceCollection()
            .AddOrchestratorMetrics()
            .AddRelationalRepositories(database, options =>
            {
                if (running is { } count)
                    options.RunningProcesses = (_, _) => Task.FromResult(count);
                configure?.Invoke(options);
            })
            .Services.BuildServiceProvider();
}
