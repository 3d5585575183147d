using System.Globalization;
using System.Text;

namespace Orchestrator.Metrics.Tests;

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
        var exposition = CreateHostileExposition();
        await using var host = await PageHost.StartAsync(Encoding.UTF8.GetBytes(exposition));
        using var browser = Browser.Open(host.GetAddress(), Browser.Phone);
        await browser.WaitForStateAsync("live");

        Assert.Multiple(() =>
        {
            Assert.That(ReadTexts("#products .name"), Is.EquivalentTo(Hostile));
            Assert.That(ReadTexts("#lifecycles .name"), Is.SupersetOf(Hostile));
            Assert.That(ReadTexts("#workflow-bars .name"), Is.EquivalentTo(Hostile));
            Assert.That(ReadTexts("#status-groups .name"), Is.SupersetOf(Hostile));
            Assert.That(ReadTexts("#waiting .name"), Is.EquivalentTo(Hostile.Take(4)));
            Assert.That(ReadTexts("#waiting .text"), Is.EquivalentTo(Hostile.Take(4)));
            Assert.That(ReadTexts("#others td .name"), Is.EquivalentTo(Hostile.Take(12)));
            Assert.That(ReadTexts("#others .source"), Is.EqualTo(new[] { "acme <b>.\"quoted\"" }));
            Assert.That(ReadTexts("#others .help"), Is.EqualTo(new[] { "<b>Two\nlines\\n" }));
            Assert.That(
                browser.GetText("#others .remark"), Is.EqualTo($"and {Hostile.Length - 12} more, see the exposition"));
            Assert.That(
                string.Concat(ReadTexts("#exposition div").Select(line => line + "\n")), Is.EqualTo(exposition));
            Assert.That(browser.Run<int>("return document.scripts.length;"), Is.EqualTo(1));
            Assert.That(
                browser.Run<int>("return document.querySelectorAll('#panels img, #panels svg').length;"),
                Is.EqualTo(1));
            Assert.That(browser.Run<bool>("return 'hacked' in window;"), Is.False);
            Assert.That(browser.Run<int>("return document.documentElement.scrollWidth;"), Is.EqualTo(Browser.Phone));
            Assert.That(browser.ReadConsole().Where(message => !message.Contains("/api/engine/status")), Is.Empty);
        });

        string[] ReadTexts(string selector) => browser.Run<string[]>(
            "return [...document.querySelectorAll(arguments[0])].map(element => element.textContent);", selector);
    }

    private static string CreateHostileExposition()
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
        using var browser = Browser.Open(sample.GetAddress(), Browser.Phone, dark);
        await browser.WaitForStateAsync("off");

        Assert.Multiple(() =>
        {
            Assert.That(browser.GetText("#notice-title"), Is.EqualTo("The endpoint is off"));
            Assert.That(
                browser.GetText("#notice-code"), Does.StartWith("ENABLE_PROMETHEUS_METRICS_ENDPOINT=true dotnet run"));
            Assert.That(browser.IsVisible("#panels"), Is.False);
            Assert.That(browser.FindFaults(), Is.Empty);
            Assert.That(browser.Run<int>("return document.documentElement.scrollWidth;"), Is.EqualTo(Browser.Phone));
        });
    }

    [Test]
    public async Task Failed_scrape_shows_the_response_until_the_next_successful_scrape()
    {
        var broken = false;
        await using var host = await PageHost.StartAsync(new FakeCollector(_ => Volatile.Read(ref broken)
            ? throw new InvalidOperationException("Host=db.internal;Password=hunter2")
            : Task.FromResult(FakeCollector.CreateGauge("acme_a"))));
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");

        Volatile.Write(ref broken, true);
        await browser.WaitForStateAsync("failed");
        Assert.That(browser.GetText("#notice-title"), Is.EqualTo("The scrape failed with status 500"));
        Assert.That(
            browser.GetText("#notice-text"),
            Is.EqualTo("This collector failed: Tested. See the application log for the cause."));
        Assert.That(browser.GetText("#announcement"), Does.Contain("This collector failed: Tested."));

        Volatile.Write(ref broken, false);
        await browser.WaitForStateAsync("live");
        Assert.That(browser.IsVisible("#notice"), Is.False);
        Assert.That(browser.GetText("#announcement"), Is.EqualTo("Live."));
    }

    [Test]
    public async Task Page_reports_a_server_that_stops_and_recovers()
    {
        var sample = await SampleProgram.StartAsync(("Sample__Simulate", "false"));
        var address = sample.GetAddress();
        using var browser = Browser.Open(sample.GetAddress());
        await browser.WaitUntilAsync(Browser.Switch);
        var before = browser.GetText("#subscriptions-figure");

        await sample.DisposeAsync();
        await browser.WaitForStateAsync("gone");
        Assert.That(browser.GetText("#notice-title"), Is.EqualTo("The server does not respond"));
        Assert.That(browser.GetText("#connection"), Is.EqualTo("Not connected"));
        Assert.That(browser.GetText("#subscriptions-figure"), Is.EqualTo(before), "The last values stay.");

        await using var again = SampleProgram.Launch(address, ("Sample__Simulate", "false"));
        await browser.WaitForStateAsync("live");
        Assert.That(browser.GetText("#subscriptions-figure"), Is.EqualTo(before));
        Assert.That(browser.GetText("#announcement"), Is.EqualTo("Live. The engine is RUNNING."));
        await browser.WaitUntilAsync(Browser.Switch);
    }
}
