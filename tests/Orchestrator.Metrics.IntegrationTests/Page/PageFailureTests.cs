using System.Globalization;
using System.Text;

namespace Orchestrator.Metrics.Tests;

/// <summary>The page after failures and with hostile input.</summary>
public class PageFailureTests
{
    private static readonly string[] Hostile =
    [
        "<img src=x onerror=\"window.hacked=1\">", "<script>window.hacked=1</script>",
        "\"><svg onload=window.hacked=1>", "a\"b\\c", "two\nlines", "\\n", "}", "a=\"b\",c=\"d\"} 7", "# HELP x",
        " ", "", "__proto__", "constructor", "\u202eright to left\u202c", "שלום", "👩‍👩‍👧", "\r", "\u2028", new string('w', 5000),
    ];

    [Test]
    public async Task Hostile_label_values_are_shown_as_text()
    {
        var exposition = HostileExposition();
        await using var host = await PageHost.StartAsync(Encoding.UTF8.GetBytes(exposition));
        using var browser = Browser.Open(host.Address(), Browser.Phone);
        await browser.StateAsync("live");

        Assert.Multiple(() =>
        {
            Assert.That(Names("#products .name"), Is.EquivalentTo(Hostile));
            Assert.That(Names("#lifecycles .name"), Is.SupersetOf(Hostile));
            Assert.That(Names("#workflow-bars .name"), Is.EquivalentTo(Hostile));
            Assert.That(Names("#status-groups .name"), Is.SupersetOf(Hostile));
            Assert.That(Names("#waiting .name"), Is.EquivalentTo(Hostile.Take(4)));
            Assert.That(Names("#waiting .text"), Is.EquivalentTo(Hostile.Take(4)));
            Assert.That(Names("#others td .name"), Is.EquivalentTo(Hostile.Take(12)));
            Assert.That(Names("#others .source"), Is.EqualTo(new[] { "acme <b>.\"quoted\"" }));
            Assert.That(Names("#others .help"), Is.EqualTo(new[] { "<b>Two\nlines\\n" }));
            Assert.That(
                browser.Text("#others .remark"), Is.EqualTo($"and {Hostile.Length - 12} more, see the exposition"));
            Assert.That(
                string.Concat(Names("#exposition div").Select(line => line + "\n")), Is.EqualTo(exposition));
            Assert.That(browser.Run<int>("return document.scripts.length;"), Is.EqualTo(1));
            Assert.That(
                browser.Run<int>("return document.querySelectorAll('#panels img, #panels svg').length;"),
                Is.EqualTo(1));
            Assert.That(browser.Run<bool>("return 'hacked' in window;"), Is.False);
            Assert.That(browser.Run<int>("return document.documentElement.scrollWidth;"), Is.EqualTo(Browser.Phone));
            Assert.That(browser.Complaints().Where(complaint => !complaint.Contains("/api/engine/status")), Is.Empty);
        });

        string[] Names(string selector) => browser.Run<string[]>(
            "return [...document.querySelectorAll(arguments[0])].map(element => element.textContent);", selector);
    }

    private static string HostileExposition()
    {
        var text = new StringBuilder("# TYPE wfo_subscriptions_count gauge\n");
        foreach (var value in Hostile.Select(Escape))
            text.Append(CultureInfo.InvariantCulture, $"wfo_subscriptions_count{{lifecycle_state=\"{value}\",product_name=\"{value}\"}} 1.0\n");
        text.Append("# TYPE wfo_process_count gauge\n");
        foreach (var value in Hostile.Select(Escape))
            text.Append(CultureInfo.InvariantCulture, $"wfo_process_count{{last_status=\"{value}\",workflow_name=\"{value}\"}} 1.0\n");
        text.Append("# TYPE wfo_processes gauge\n# TYPE wfo_process_oldest_start_timestamp_seconds gauge\n");
        foreach (var value in Hostile.Select(Escape))
        {
            var labels = $"{{last_status=\"{value}\",workflow_name=\"{value}\"}}";
            text.Append(CultureInfo.InvariantCulture, $"wfo_processes{labels} 1.0\n");
            text.Append(CultureInfo.InvariantCulture, $"wfo_process_oldest_start_timestamp_seconds{labels} 1.0\n");
        }

        text.Append("# HELP \"acme <b>.\\\"quoted\\\"\" <b>Two\\nlines\\\\n\n");
        text.Append("# TYPE \"acme <b>.\\\"quoted\\\"\" gauge\n");
        foreach (var value in Hostile.Select(Escape))
            text.Append(CultureInfo.InvariantCulture, $"{{\"acme <b>.\\\"quoted\\\"\",\"a <i> name\"=\"{value}\"}} NaN\n");
        return text.ToString();

        static string Escape(string value) => value
            .Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("\n", "\\n", StringComparison.Ordinal);
    }

    [Test]
    public async Task Page_shows_how_to_enable_a_disabled_endpoint([Values] bool dark)
    {
        await using var sample = await SampleProgram.StartAsync(("ENABLE_PROMETHEUS_METRICS_ENDPOINT", "false"));
        using var browser = Browser.Open(sample.Address(), Browser.Phone, dark);
        await browser.StateAsync("off");

        Assert.Multiple(() =>
        {
            Assert.That(browser.Text("#notice-title"), Is.EqualTo("The endpoint is off"));
            Assert.That(
                browser.Text("#notice-code"), Does.StartWith("ENABLE_PROMETHEUS_METRICS_ENDPOINT=true dotnet run"));
            Assert.That(browser.IsVisible("#panels"), Is.False);
            Assert.That(browser.Faults(), Is.Empty);
            Assert.That(browser.Run<int>("return document.documentElement.scrollWidth;"), Is.EqualTo(Browser.Phone));
        });
    }

    [Test]
    public async Task Failed_scrape_shows_the_response_until_the_next_successful_scrape()
    {
        var broken = false;
        await using var host = await PageHost.StartAsync(new FakeCollector(_ => Volatile.Read(ref broken)
            ? throw new InvalidOperationException("Host=db.internal;Password=hunter2")
            : Task.FromResult(FakeCollector.Gauge("acme_a"))));
        using var browser = Browser.Open(host.Address());
        await browser.StateAsync("live");

        Volatile.Write(ref broken, true);
        await browser.StateAsync("failed");
        Assert.That(browser.Text("#notice-title"), Is.EqualTo("The scrape failed with status 500"));
        Assert.That(
            browser.Text("#notice-text"),
            Is.EqualTo("This collector failed: Tested. See the application log for the cause."));
        Assert.That(browser.Text("#announcement"), Does.Contain("This collector failed: Tested."));

        Volatile.Write(ref broken, false);
        await browser.StateAsync("live");
        Assert.That(browser.IsVisible("#notice"), Is.False);
        Assert.That(browser.Text("#announcement"), Is.EqualTo("Live."));
    }

    [Test]
    public async Task Page_reports_a_server_that_stops_and_recovers()
    {
        var sample = await SampleProgram.StartAsync(("Sample__Simulate", "false"));
        var address = sample.Address();
        using var browser = Browser.Open(sample.Address());
        await browser.UntilAsync(Browser.Switch);
        var before = browser.Text("#subscriptions-figure");

        await sample.DisposeAsync();
        await browser.StateAsync("gone");
        Assert.That(browser.Text("#notice-title"), Is.EqualTo("The server does not respond"));
        Assert.That(browser.Text("#connection"), Is.EqualTo("Not connected"));
        Assert.That(browser.Text("#subscriptions-figure"), Is.EqualTo(before), "The last values stay.");

        await using var again = SampleProgram.Launch(address, ("Sample__Simulate", "false"));
        await browser.StateAsync("live");
        Assert.That(browser.Text("#subscriptions-figure"), Is.EqualTo(before));
        Assert.That(browser.Text("#announcement"), Is.EqualTo("Live. The engine is RUNNING."));
        await browser.UntilAsync(Browser.Switch);
    }
}
