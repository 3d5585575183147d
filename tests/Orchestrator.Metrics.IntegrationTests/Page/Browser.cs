using System.Diagnostics;
using System.Text.Json;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;
using OpenQA.Selenium.Interactions;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// A headless Chromium with a profile of its own, which remembers what it loaded and complained of. As it takes long to
/// start, another test gets it afterwards, with nothing left of the one before.
/// </summary>
internal sealed class Browser : IDisposable
{
    /// <summary>The width of a small phone.</summary>
    public const int Phone = 360;

    /// <summary>Whether there is a button to pause and resume the engine.</summary>
    public const string Switch = "document.querySelector('#switch').offsetParent";

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private static readonly string Check = File.ReadAllText(Path.Combine(
        TestFiles.Root, "tests", "Orchestrator.Metrics.IntegrationTests", "Page", "accessibility.js"));

    private readonly TemporaryFolder _profile = new();
    private readonly ChromeDriver _driver;

    private Browser(string chromium, string chromedriver)
    {
        var options = new ChromeOptions { BinaryLocation = chromium };
        options.AddArguments(
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
            "--hide-scrollbars", $"--user-data-dir={_profile.Path}");
        options.SetLoggingPreference(LogType.Browser, LogLevel.All);
        options.SetLoggingPreference("performance", LogLevel.All);
        var service = ChromeDriverService.CreateDefaultService(
            Path.GetDirectoryName(chromedriver), Path.GetFileName(chromedriver));
        service.SuppressInitialDiagnosticInformation = true;
        _driver = new ChromeDriver(service, options, Patience);
    }

    public static Browser Open(Uri address, int width = 1280, bool dark = false)
    {
        if (!IdleBrowsers.TryTake(out var browser))
        {
            browser = new Browser(
                Requirements.Program("chromium", "chromium"),
                Requirements.Program("chromedriver", "chromium-driver"));
        }

        browser.Resize(width, 900);
        browser.SetMedia(dark);
        browser._driver.Navigate().GoToUrl(address);
        return browser;
    }

    public string Title => _driver.Title;

    public void Resize(int width, int height, int scale = 1) => Command("Emulation.setDeviceMetricsOverride", new()
    {
        ["width"] = width,
        ["height"] = height,
        ["deviceScaleFactor"] = scale,
        ["mobile"] = width <= Phone,
    });

    public void SetMedia(bool dark, bool reducedMotion = false) => Command("Emulation.setEmulatedMedia", new()
    {
        ["features"] = new[]
        {
            new Dictionary<string, object> { ["name"] = "prefers-color-scheme", ["value"] = dark ? "dark" : "light" },
            new Dictionary<string, object>
            {
                ["name"] = "prefers-reduced-motion", ["value"] = reducedMotion ? "reduce" : "no-preference",
            },
        },
    });

    public Dictionary<string, object> Command(string name, Dictionary<string, object> parameters) =>
        (Dictionary<string, object>?)_driver.ExecuteCdpCommand(name, parameters!) ?? [];

    /// <summary>What a person would allow by a click.</summary>
    public void AllowClipboard() => Command("Browser.grantPermissions", new()
    {
        ["permissions"] = new[] { "clipboardReadWrite", "clipboardSanitizedWrite" },
    });

    /// <summary>Runs a script in the page and returns what it returns, by way of JSON.</summary>
    public T Run<T>(string script, params object[] arguments)
    {
        var json = (string)_driver.ExecuteScript(
            $"return JSON.stringify((function () {{ {script} }}).apply(null, arguments) ?? null);", arguments)!;
        return JsonSerializer.Deserialize<T>(json)!;
    }

    public string Text(string selector) =>
        Run<string>("return document.querySelector(arguments[0]).textContent;", selector);

    public bool IsVisible(string selector) => _driver.FindElement(By.CssSelector(selector)).Displayed;

    public void Click(string selector) => _driver.FindElement(By.CssSelector(selector)).Click();

    public void Press(string keys) => new Actions(_driver).SendKeys(keys).Perform();

    public IEnumerable<(string Element, string Name)> NamesOf(string selector) => _driver
        .FindElements(By.CssSelector(selector))
        .Where(element => element.Displayed)
        .Select(element => (element.GetDomProperty("outerHTML"), ((WebElement)element).ComputedAccessibleLabel))
        .ToArray()!;

    /// <summary>What would hinder somebody: too little contrast, images without a text, and so on.</summary>
    public string[] Faults() => Run<string[]>(Check);

    /// <summary>Waits for a state of the page: live, off, failed or gone.</summary>
    public Task StateAsync(string state) => UntilAsync($"document.body.dataset.state === '{state}'");

    /// <summary>Waits until an expression of JavaScript is true in the page.</summary>
    public async Task UntilAsync(string expression, params object[] arguments)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Patience; await timer.WaitForNextTickAsync())
        {
            if (Run<bool>($"return Boolean({expression});", arguments))
                return;
        }

        throw new AssertionException(
            $"Not in time: {expression}\nThe page says:\n" +
            Run<string>("return document.body.innerText.slice(0, 3000);"));
    }

    /// <summary>Errors and warnings since this was last asked, those of the content security policy too.</summary>
    public IReadOnlyList<string> Complaints() =>
        [.. _driver.Manage().Logs.GetLog(LogType.Browser).Select(entry => entry.Message)];

    /// <summary>The addresses that pages of a server, and not the browser's own, asked for since last time.</summary>
    public IReadOnlyList<Uri> Requests() =>
    [
        .. _driver.Manage().Logs.GetLog("performance")
            .Select(entry => JsonDocument.Parse(entry.Message).RootElement.GetProperty("message"))
            .Where(message => message.GetProperty("method").GetString() == "Network.requestWillBeSent")
            .Select(message => message.GetProperty("params"))
            .Where(request => Text(request, "documentURL").StartsWith("http", StringComparison.Ordinal))
            .Select(request => new Uri(Text(request.GetProperty("request"), "url"))),
    ];

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    public byte[] Picture() =>
        Convert.FromBase64String((string)Command("Page.captureScreenshot", new() { ["format"] = "png" })["data"]);

    /// <summary>Leaves the page, forgets what came with it, and lets another test have the browser.</summary>
    public void Dispose()
    {
        try
        {
            var origin = Run<string>("return location.origin;");
            _driver.Navigate().GoToUrl("about:blank");
            Command("Storage.clearDataForOrigin", new() { ["origin"] = origin, ["storageTypes"] = "all" });
            Command("Network.clearBrowserCookies", []);
            Command("Network.clearBrowserCache", []);
            Command("Browser.resetPermissions", []);
            Complaints();
            Requests();
            IdleBrowsers.Add(this);
        }
        catch (WebDriverException)
        {
            End();
        }
    }

    public void End()
    {
        _driver.Dispose();
        _profile.Dispose();
    }
}
