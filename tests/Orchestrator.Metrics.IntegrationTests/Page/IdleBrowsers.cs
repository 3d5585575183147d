using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Orchestrator.Metrics.Tests;

/// <summary>Browsers that no test is using. They are closed after all tests.</summary>
[SetUpFixture]
public sealed class IdleBrowsers
{
    private static readonly ConcurrentBag<Browser> Idle = [];

    internal static bool TryTake([NotNullWhen(true)] out Browser? browser) => Idle.TryTake(out browser);

    internal static void Add(Browser browser) => Idle.Add(browser);

    [OneTimeTearDown]
    public void QuitAll()
    {
        while (Idle.TryTake(out var browser))
            browser.Quit();
    }
}
