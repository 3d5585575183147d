using System.Net;
using OpenQA.Selenium;

namespace Orchestrator.Metrics.Tests;

public class PageTests
{
    private const string Status = "document.querySelector('#states [aria-current]')?.textContent";

    private static readonly (string, string?) Still = ("Sample__Simulate", "false");

    [Test]
    public async Task Engine_is_paused_and_resumed_by_keyboard_only()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.GetAddress());
        await browser.WaitUntilAsync(Browser.Switch);

        TabTo(browser, "switch");
        browser.Press(Keys.Space);
        await browser.WaitUntilAsync($"{Status} === 'PAUSED'");
        Assert.That(browser.GetText("#active-count"), Is.EqualTo("0"));
        Assert.That(browser.GetText("[aria-live=polite]"), Is.EqualTo("The engine is PAUSED."));
        Assert.That(browser.Run<string>("return document.activeElement.textContent;"), Is.EqualTo("Resume the engine"));

        browser.Press(Keys.Enter);
        await browser.WaitUntilAsync(
            $"{Status} === 'RUNNING' && document.activeElement.textContent === 'Pause the engine'");
        await browser.WaitUntilAsync("document.querySelector('#history-text').textContent.includes('locked')");
    }

    [Test]
    public async Task History_is_filled_when_the_page_is_opened_regardless_of_the_clock_of_the_browser()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.GetAddress());
        var script = browser.SendCommand("Page.addScriptToEvaluateOnNewDocument", new()
        {
            ["source"] = "const now = Date.now; Date.now = () => now() + 600_000; window.isAhead = true;",
        });
        browser.Run<object?>("location.reload();");
        await browser.WaitUntilAsync($"window.isAhead && {Browser.Switch}");
        browser.SendCommand(
            "Page.removeScriptToEvaluateOnNewDocument", new() { ["identifier"] = script["identifier"] });

        await browser.WaitUntilAsync(
            "Number(document.querySelector('#history-text').textContent.match(/last (\\d+) s/)?.[1]) >= 115");
        Assert.That(
            browser.Run<int>($"return {Scrapes};"), Is.LessThan(60),
            "The page itself has recorded less than a minute.");
        Assert.That(browser.Run<int>($"return {LineParts};"), Is.EqualTo(1), "The line has no gap.");
    }

    [Test]
    public async Task Engine_is_pausing_while_processes_run()
    {
        await using var sample = await SampleProgram.StartAsync(Still);
        using var browser = Browser.Open(sample.GetAddress());
        await browser.WaitUntilAsync(Browser.Switch);

        browser.Click("#switch");

        await browser.WaitUntilAsync($"{Status} === 'PAUSING'");
        Assert.That(
            browser.GetText("#engine-text"),
            Is.EqualTo($"Locked. Waits for {browser.GetText("#active-count")} running processes."));
    }

    [Test]
    public async Task Exposition_is_shown_filtered_and_copied_unchanged()
    {
        await using var sample = await SampleProgram.StartAsync(Still);
        var text = await sample.Client.GetStringAsync("/api/metrics");
        using var browser = Browser.Open(sample.GetAddress());
        await browser.WaitForStateAsync("live");
        browser.AllowClipboard();

        Assert.That(ReadExposition(), Is.EqualTo(text));
        Assert.That(
            browser.GetText("#scrape"),
            Does.Match(
                $@"^\d\d:\d\d:\d\d · \d+ ms · {FormatKilobytes(text)} kB · .* lines · text/plain; version=0\.0\.4;"));

        TabTo(browser, "family");
        browser.Press("acme");
        const string Licences = "document.querySelectorAll('#exposition div').length === 5";
        await browser.WaitUntilAsync(Licences);
        Assert.That(
            ReadExposition(), Is.EqualTo(text[text.IndexOf("# HELP acme_free_licences", StringComparison.Ordinal)..]));

        TabTo(browser, "copy-raw");
        browser.Press(Keys.Enter);
        await browser.WaitUntilAsync("document.querySelector('#copy-raw').textContent === 'Copied'");
        Assert.That(await PasteAsync(), Is.EqualTo(ReadExposition()));

        browser.Click("#engine .source");
        await browser.WaitUntilAsync("document.querySelector('#family').value === 'wfo_engine_status'");
        Assert.That(
            ReadExposition(), Is.EqualTo(await sample.Client.GetStringAsync("/api/metrics?name[]=wfo_engine_status")));

        string ReadExposition() => browser.Run<string>(
            "return [...document.querySelectorAll('#exposition div')].map(line => line.textContent + '\\n').join('');");

        async Task<string> PasteAsync()
        {
            browser.Run<object?>("navigator.clipboard.readText().then(text => window.pasted = text);");
            await browser.WaitUntilAsync("window.pasted");
            return browser.Run<string>("return window.pasted;");
        }
    }

    private static string FormatKilobytes(string text) =>
        (Math.Round(System.Text.Encoding.UTF8.GetByteCount(text) / 100.0) / 10)
            .ToString(System.Globalization.CultureInfo.InvariantCulture).Replace(".", @"\.", StringComparison.Ordinal);

    [Test]
    public async Task Code_on_the_page_is_the_code_of_the_sample()
    {
        await using var host = await PageHost.StartAsync(GoldenRows.Exposition);
        using var browser = Browser.Open(host.GetAddress());
        var program = await File.ReadAllLinesAsync(Path.Combine(PageHost.Folder, "Program.cs"));

        var lines = browser.GetText("#code").Split('\n');

        Assert.That(lines, Has.Length.EqualTo(5));
        Assert.That(lines, Is.SubsetOf(program.Select(line => line.Trim())));
        const string Collector = "Metrics/FreeLicenceCollector.cs";
        Assert.That(browser.GetText(".code .remark"), Does.Contain(Collector));
        Assert.That(Path.Combine(PageHost.Folder, Collector), Does.Exist);
    }

    [Test]
    public async Task Page_loads_nothing_from_other_hosts_and_logs_no_errors()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.GetAddress());
        await browser.WaitForStateAsync("live");
        await WaitForScrapesAsync(browser, 5);
        var origin = sample.GetAddress().Authority;

        var requests = browser.ReadRequests();

        Assert.That(requests.Select(request => request.AbsolutePath), Does.Contain("/").And.Contain("/api/metrics"));
        Assert.That(requests.Select(request => request.Authority).Distinct(), Is.EqualTo(new[] { origin }));
        Assert.That(browser.ReadConsole(), Is.Empty);

        using var page = await sample.Client.GetAsync("/");
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.That(policy, Does.StartWith("default-src 'none'; script-src 'self'; style-src 'self';"));
        Assert.That(policy, Does.Not.Contain("unsafe").And.Not.Contain("http").And.Not.Contain("*"));
    }

    [Test]
    public async Task Page_in_the_background_sends_no_requests()
    {
        var entered = new TaskCompletionSource();
        var gate = new TaskCompletionSource<IReadOnlyList<MetricFamily>>();
        await using var host = await PageHost.StartAsync(new FakeCollector(_ =>
        {
            entered.TrySetResult();
            return gate.Task;
        }));
        using var browser = Browser.Open(host.GetAddress());
        await entered.Task.WaitAsync(Browser.Timeout);
        // Hides the page during a request. A headless browser never hides a tab, so the test sends the event.
        browser.Run<object?>(Hide, true);
        gate.SetResult([]);
        await browser.WaitForStateAsync("live");

        // Waits for the time in which a visible page sends five requests.
        using var visiblePage = Browser.Open(host.GetAddress());
        await WaitForScrapesAsync(visiblePage, 5);

        Assert.That(browser.Run<int>($"return {Scrapes};"), Is.EqualTo(1));
        browser.Run<object?>(Hide, false);
        await WaitForScrapesAsync(browser, 3);
    }

    [Test]
    public async Task History_has_no_gap_after_the_page_was_hidden()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.GetAddress());
        await WaitForScrapesAsync(browser, 3);
        browser.Run<object?>(Hide, true);

        // Waits longer than the time without values after which the line has a gap.
        using var visiblePage = Browser.Open(sample.GetAddress());
        await WaitForScrapesAsync(visiblePage, 8);
        browser.Run<object?>(Hide, false);

        await browser.WaitUntilAsync($"{Scrapes} >= 5 && {LineParts} === 1");
    }

    private const string Hide =
        """
        Object.defineProperty(document, 'hidden', { value: arguments[0], configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        """;

    [Test]
    public async Task Page_over_a_real_database_has_no_engine_button()
    {
        await using var server = await PostgreSqlServer.StartAsync();
        await using var database = await server.CreateDatabaseAsync(
            await File.ReadAllTextAsync(TestFiles.GetGolden("orchestrator-db/schema.sql")),
            await File.ReadAllTextAsync(TestFiles.GetGolden("orchestrator-db/small.sql")));
        await using var sample = await SampleProgram.StartAsync(
            ("ConnectionStrings__Orchestrator", database.ConnectionString));
        using var browser = Browser.Open(sample.GetAddress());
        await browser.WaitForStateAsync("live");
        await WaitForScrapesAsync(browser, 3);

        Assert.That(browser.ReadRequests().Select(request => request.AbsolutePath), Does.Contain("/api/engine/status"));
        Assert.That(browser.IsVisible("#engine"), Is.True);
        Assert.That(browser.IsVisible("#switch"), Is.False);
        Assert.That(browser.GetText("#active-count"), Is.EqualTo("3"));
    }

    [Test]
    public async Task Files_of_the_page_are_served_and_no_others()
    {
        await using var sample = await SampleProgram.StartAsync(Still);

        foreach (var (path, status) in new[]
        {
            ("/page.js", HttpStatusCode.OK),
            ("/appsettings.json", HttpStatusCode.NotFound),
            ("/%2e%2e/appsettings.json", HttpStatusCode.NotFound),
        })
            Assert.That((await sample.Client.GetAsync(path)).StatusCode, Is.EqualTo(status), path);
    }

    internal const string Scrapes =
        "performance.getEntriesByType('resource').filter(entry => entry.name.endsWith('/api/metrics')).length";

    private const string LineParts = "document.querySelector('#history .line').getAttribute('d').match(/M/g).length";

    private static Task WaitForScrapesAsync(Browser browser, int count) =>
        browser.WaitUntilAsync($"{Scrapes} >= {count}");

    private static void TabTo(Browser browser, string id)
    {
        browser.Run<object?>("document.activeElement.blur(); getSelection().removeAllRanges();");
        for (var presses = 0; presses < 40; presses++)
        {
            browser.Press(Keys.Tab);
            if (browser.Run<string>("return document.activeElement.id;") == id)
                return;
        }

        Assert.Fail($"#{id} was not reached with 40 presses of Tab.");
    }
}
