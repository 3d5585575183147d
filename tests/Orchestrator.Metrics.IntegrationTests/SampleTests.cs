using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Tests;

public partial class SampleTests
{
    private const string SimulateSetting = "Sample__Simulate";
    private const string EnableSetting = "ENABLE_PROMETHEUS_METRICS_ENDPOINT";

    [Test]
    public async Task Sample_serves_the_default_and_operational_families_a_custom_one_and_an_instrument()
    {
        await using var sample = await SampleProgram.StartAsync();

        // The engine records its first tick after half a second.
        var text = await sample.Program.WaitForAsync(async () =>
            await sample.Client.GetStringAsync("/api/metrics") is var now
                && now.Contains("\nacme_engine_tick_seconds_count ", StringComparison.Ordinal) ? now : null);

        Assert.That(FindFamilyNames(text), Is.EqualTo(new[]
        {
            "wfo_subscriptions_count",
            "wfo_process_count",
            "wfo_process_seconds_total_count",
            "wfo_engine_status",
            "wfo_active_process_count",
            "wfo_processes",
            "wfo_process_oldest_start_timestamp_seconds",
            "wfo_process_oldest_change_timestamp_seconds",
            "wfo_process_recent_duration_seconds",
            "wfo_process_recent_duration_seconds_gcount",
            "wfo_process_recent_duration_seconds_gsum",
            "acme_free_licences",
            "acme_engine_tick_seconds",
        }));
        Assert.That(sample.Program.Output, Does.Contain($"page     {sample.Client.BaseAddress}"));
        Assert.That(sample.Program.Output, Does.Contain($"metrics  {sample.Client.BaseAddress}api/metrics"));
    }

    [TestCase("")]
    [TestCase(" ")]
    public async Task Blank_connection_string_is_ignored(string connectionString)
    {
        await using var sample = await SampleProgram.StartAsync(("ConnectionStrings__Orchestrator", connectionString));

        Assert.That(
            FindFamilyNames(await sample.Client.GetStringAsync("/api/metrics")), Does.Contain("acme_free_licences"));
    }

    [Test]
    public async Task Samples_without_simulation_serve_the_same_constant_exposition()
    {
        await using var one = await SampleProgram.StartAsync((SimulateSetting, "false"));
        await using var two = await SampleProgram.StartAsync((SimulateSetting, "false"));

        var text = await one.Client.GetStringAsync("/api/metrics");

        Assert.That(await two.Client.GetStringAsync("/api/metrics"), Is.EqualTo(text));
        Assert.That(await one.Client.GetStringAsync("/api/metrics"), Is.EqualTo(text));
    }

    [Test]
    public async Task History_that_ends_now_has_recent_durations_without_simulation([Values] bool now)
    {
        await using var sample = await SampleProgram.StartAsync(
            (SimulateSetting, "false"),
            ("Sample__End", now ? DateTimeOffset.UtcNow.ToString("O", CultureInfo.InvariantCulture) : null));

        var text = await sample.Client.GetStringAsync("/api/metrics");

        Assert.That(
            text.Contains("\nwfo_process_recent_duration_seconds_gcount{", StringComparison.Ordinal), Is.EqualTo(now));
        Assert.That(text, Does.Contain("\nwfo_process_oldest_start_timestamp_seconds{"));
    }

    [Test]
    public async Task Simulated_engine_changes_the_numbers()
    {
        await using var sample = await SampleProgram.StartAsync();
        var before = await sample.Client.GetStringAsync("/api/metrics");

        await sample.Program.WaitForAsync(async () =>
            await sample.Client.GetStringAsync("/api/metrics") is var now && now != before ? now : null);
    }

    [Test]
    public async Task Engine_can_be_paused_and_resumed()
    {
        await using var sample = await SampleProgram.StartAsync();
        await WaitForStatusAsync("RUNNING");

        (await sample.Client.PostAsync("/api/engine/pause", null)).EnsureSuccessStatusCode();
        await WaitForStatusAsync("PAUSED");
        Assert.That(await sample.Client.GetStringAsync("/api/metrics"), Does.Contain("wfo_active_process_count 0.0\n"));

        (await sample.Client.PostAsync("/api/engine/resume", null)).EnsureSuccessStatusCode();
        await WaitForStatusAsync("RUNNING");

        Task<string> WaitForStatusAsync(string status) => sample.Program.WaitForAsync(async () =>
            await sample.Client.GetStringAsync("/api/metrics") is var text
                && text.Contains($"wfo_engine_status{{wfo_engine_status=\"{status}\"}} 1.0\n", StringComparison.Ordinal)
                ? text : null);
    }

    [Test]
    public async Task Engine_is_pausing_while_processes_run()
    {
        await using var sample = await SampleProgram.StartAsync((SimulateSetting, "false"));
        (await sample.Client.PostAsync("/api/engine/pause", null)).EnsureSuccessStatusCode();

        Assert.That(
            await sample.Client.GetStringAsync("/api/metrics?name[]=wfo_engine_status"),
            Is.EqualTo(
                "# HELP wfo_engine_status Current workflow engine status.\n# TYPE wfo_engine_status gauge\n" +
                "wfo_engine_status{wfo_engine_status=\"PAUSED\"} 0.0\n" +
                "wfo_engine_status{wfo_engine_status=\"PAUSING\"} 1.0\n" +
                "wfo_engine_status{wfo_engine_status=\"RUNNING\"} 0.0\n"));
    }

    [Test]
    public async Task Disabled_endpoint_returns_404()
    {
        await using var sample = await SampleProgram.StartAsync((EnableSetting, "false"));

        using var response = await sample.Client.GetAsync("/api/metrics");

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Invalid_setting_prevents_the_start_with_a_message()
    {
        await using var sample = SampleProgram.Launch((EnableSetting, "perhaps"));

        Assert.That(await sample.Program.WaitForExitAsync(), Is.Not.Zero);
        Assert.That(sample.Program.Output, Does.Contain($"The setting {EnableSetting} is 'perhaps'"));
    }

    [Test]
    public async Task Sample_stops_on_SIGTERM_and_deletes_its_database()
    {
        using var folder = new TemporaryFolder();
        await using var sample = await SampleProgram.StartAsync(("TMPDIR", folder.Path));
        Assert.That(folder.FindFiles("*.db"), Is.Not.Empty, "The running sample has its database in the folder.");

        var exitCode = await sample.Program.WaitForExitAsync(terminate: true);

        Assert.That(exitCode, Is.Zero, sample.Program.Output);
        Assert.That(folder.FindFiles("*.db*"), Is.Empty);
    }

    [Test]
    public async Task Promtool_reports_only_the_inherited_names()
    {
        await using var sample = await SampleProgram.StartAsync();

        var remarks = await Promtool.CheckMetricsAsync(await sample.Client.GetStringAsync("/api/metrics"));

        Assert.That(remarks, Is.EquivalentTo(new[]
        {
            "wfo_active_process_count", "wfo_process_count", "wfo_process_seconds_total_count",
            "wfo_subscriptions_count",
        }.Select(name => $"{name} non-histogram and non-summary metrics should not have \"_count\" suffix")));
    }

    private static IEnumerable<string> FindFamilyNames(string text) =>
        TypeLine().Matches(text).Select(match => match.Groups[1].Value);

    [GeneratedRegex("^# TYPE (\\S+) ", RegexOptions.Multiline)]
    private static partial Regex TypeLine();
}
