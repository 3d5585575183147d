using System.Diagnostics;
using System.Text.Json;
using OpenQA.Selenium;
using OpenQA.Selenium.Chrome;
using OpenQA.Selenium.Interactions;

namespace Orchestrator.Metrics.Tests;

/// <summary>
/// A headless Chromium with a separate profile, which records requests and console messages. Chromium is slow to start,
/// so tests reuse browsers after clearing their state.
/// </summary>
internal sealed class Browser : IDisposable
{
    public const int Phone = 360;

    public const string Switch = "document.querySelector('#switch').offsetParent";

    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(90);

    private static readonly string FaultScript = File.ReadAllText(Path.Combine(
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
        _driver = new ChromeDriver(service, options, Timeout);
    }

    public static Browser Open(Uri address, int width = 1280, bool dark = false)
    {
        if (!IdleBrowsers.TryTake(out var browser))
        {
            browser = new Browser(
                Requirements.FindProgram("chromium", "chromium"),
                Requirements.FindProgram("chromedriver", "chromium-driver"));
        }

        browser.Resize(width, 900);
        browser.SetMedia(dark);
        browser._driver.Navigate().GoToUrl(address);
        return browser;
    }

    public string Title => _driver.Title;

    public void Resize(int width, int height, int scale = 1) => SendCommand("Emulation.setDeviceMetricsOverride", new()
    {
        ["width"] = width,
        ["height"] = height,
        ["deviceScaleFactor"] = scale,
        ["mobile"] = width <= Phone,
    });

    public void SetMedia(bool dark, bool reducedMotion = false) => SendCommand("Emulation.setEmulatedMedia", new()
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

    public Dictionary<string, object> SendCommand(string name, Dictionary<string, object> parameters) =>
        (Dictionary<string, object>?)_driver.ExecuteCdpCommand(name, parameters!) ?? [];

    /// <summary>Grants the clipboard permission that a user would grant with a click.</summary>
    public void AllowClipboard() => SendCommand("Browser.grantPermissions", new()
    {
        ["permissions"] = new[] { "clipboardReadWrite", "clipboardSanitizedWrite" },
    });

    public T Run<T>(string script, params object[] arguments)
    {
        var json = (string)_driver.ExecuteScript(
            $"return JSON.stringify((function () {{ {script} }}).apply(null, arguments) ?? null);", arguments)!;
        return JsonSerializer.Deserialize<T>(json)!;
    }

    public string GetText(string selector) =>
        Run<string>("return document.querySelector(arguments[0]).textContent;", selector);

    public bool IsVisible(string selector) => _driver.FindElement(By.CssSelector(selector)).Displayed;

    public void Click(string selector) => _driver.FindElement(By.CssSelector(selector)).Click();

    public void Press(string keys) => new Actions(_driver).SendKeys(keys).Perform();

    public IEnumerable<(string Element, string Name)> GetAccessibleNames(string selector) => _driver
        .FindElements(By.CssSelector(selector))
        .Where(element => element.Displayed)
        .Select(element => (element.GetDomProperty("outerHTML"), ((WebElement)element).ComputedAccessibleLabel))
        .ToArray()!;

    /// <summary>
    /// Returns accessibility violations of the page, such as low contrast or images without alternative text.
    /// </summary>
    public string[] FindFaults() => Run<string[]>(FaultScript);

    /// <summary>Waits for a state of the page: "live", "off", "failed" or "gone".</summary>
    public Task WaitForStateAsync(string state) => WaitUntilAsync($"document.body.dataset.state === '{state}'");

    public async Task WaitUntilAsync(string expression, params object[] arguments)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < Timeout; await timer.WaitForNextTickAsync())
        {
            if (Run<bool>($"return Boolean({expression});", arguments))
                return;
        }

        throw new AssertionException(
            $"Not true within {Timeout.TotalSeconds} s: {expression}\nText of the page:\n" +
            Run<string>("return document.body.innerText.slice(0, 3000);"));
    }

    /// <summary>
    /// Returns the console messages since the last call, such as errors and violations of the content security policy.
    /// </summary>
    public IReadOnlyList<string> ReadConsole() =>
        [.. _driver.Manage().Logs.GetLog(LogType.Browser).Select(entry => entry.Message)];

    /// <summary>
    /// Returns the addresses that the page has requested since the last call, without requests of the browser itself.
    /// </summary>
    public IReadOnlyList<Uri> ReadRequests() =>
    [
        .. _driver.Manage().Logs.GetLog("performance")
            .Select(entry => JsonDocument.Parse(entry.Message).RootElement.GetProperty("message"))
            .Where(message => message.GetProperty("method").GetString() == "Network.requestWillBeSent")
            .Select(message => message.GetProperty("params"))
            .Where(request => GetText(request, "documentURL").StartsWith("http", StringComparison.Ordinal))
            .Select(request => new Uri(GetText(request.GetProperty("request"), "url"))),
    ];

    private static string GetText(JsonElement json, string name) => json.GetProperty(name).GetString()!;

    public byte[] TakePicture() =>
        Convert.FromBase64String((string)SendCommand("Page.captureScreenshot", new() { ["format"] = "png" })["data"]);

    /// <summary>Leaves the page, clears its state, and makes the browser available to other tests.</summary>
    public void Dispose()
    {
        try
        {
            var origin = Run<string>("return location.origin;");
            _driver.Navigate().GoToUrl("about:blank");
            SendCommand("Storage.clearDataForOrigin", new() { ["origin"] = origin, ["storageTypes"] = "all" });
            SendCommand("Network.clearBrowserCookies", []);
            SendCommand("Network.clearBrowserCache", []);
            SendCommand("Browser.resetPermissions", []);
            ReadConsole();
            ReadRequests();
            IdleBrowsers.Add(this);
        }
        catch (WebDriverException)
        {
            Quit();
        }
    }

    public void Quit()
    {
        _driver.Dispose();
        _profile.Dispose();
    }
}
