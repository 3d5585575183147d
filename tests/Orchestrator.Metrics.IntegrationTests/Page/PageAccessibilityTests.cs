using OpenQA.Selenium;

namespace Orchestrator.Metrics.Tests;

/// <summary>The page for those who do not see well, have no mouse, a small screen, or want no motion.</summary>
public class PageAccessibilityTests
{
    private const string Controls = "a, button, input, select, textarea, [tabindex]";

    [Test]
    public async Task It_can_be_read_in_light_and_dark_on_any_screen_whatever_the_state()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.Address());
        await browser.UntilAsync(Browser.Switch);
        await CanBeReadAsync(browser, "running");

        browser.Click("#switch");
        await browser.UntilAsync("document.querySelector('#engine').dataset.state === 'PAUSED'");
        await CanBeReadAsync(browser, "paused");

        await sample.Program.EndAsync(terminate: true);
        await browser.StateAsync("gone");
        await CanBeReadAsync(browser, "gone");
    }

    private static async Task CanBeReadAsync(Browser browser, string state)
    {
        foreach (var width in new[] { Browser.Phone, 1280 })
            foreach (var dark in new[] { true, false })
            {
                browser.SetMedia(dark, reducedMotion: true); // A colour that is on its way to another one is neither.
                browser.Resize(width, 900);
                await browser.UntilAsync($"innerWidth === {width}");
                Assert.That(
                    browser.Run<string>("return getComputedStyle(document.body).backgroundColor;"),
                    Is.EqualTo(dark ? "rgb(13, 15, 19)" : "rgb(245, 246, 248)"));
                Assert.That(browser.Faults(), Is.Empty, $"{state}, {(dark ? "dark" : "light")}, {width} wide");
            }
    }

    [Test]
    public async Task Every_control_has_a_name_and_is_reached_by_Tab_with_its_focus_seen()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.Address());
        await browser.UntilAsync(Browser.Switch);

        var named = browser.NamesOf(Controls).ToList();
        var reached = new List<string>();
        for (var presses = 0; presses < 60; presses++)
        {
            browser.Press(Keys.Tab);
            // What is focused, and whether it, or the label of what is hidden for looks, has an outline.
            var focused = browser.Run<string[]>(
                """
                const focused = document.activeElement;
                const shown = focused.type === 'radio' ? focused.nextElementSibling : focused;
                const style = getComputedStyle(shown);
                return [focused.outerHTML.slice(0, 90),
                        String(style.outlineStyle === 'solid' && parseFloat(style.outlineWidth) >= 2)];
                """);
            var (element, outlined) = (focused[0], focused[1]);
            if (element.StartsWith("<body", StringComparison.Ordinal))
                break;
            reached.Add(element);
            Assert.That(outlined, Is.EqualTo("true"), element);
        }

        Assert.That(named.Where(control => string.IsNullOrWhiteSpace(control.Name)).Select(control => control.Element),
            Is.All.StartsWith("<main id=\"main\""), "The landmark is only where the first link leads.");
        Assert.That(
            named.Select(control => control.Element[..Math.Min(90, control.Element.Length)])
                .Where(element => !element.StartsWith("<main", StringComparison.Ordinal))
                // By arrows, as radios are.
                .Where(element => !element.Contains("application/openmetrics", StringComparison.Ordinal)),
            Is.SubsetOf(reached));
    }

    [Test]
    public async Task A_button_keeps_the_focus_when_values_change_and_families_come_and_go()
    {
        var run = 0;
        await using var host = await PageHost.StartAsync(new FakeCollector(_ =>
        {
            run++;
            IEnumerable<MetricFamily> guests =
                run % 2 == 0 ? FakeCollector.Gauge("acme_guest") : [];
            return Task.FromResult<IReadOnlyList<MetricFamily>>(
                [.. guests, .. FakeCollector.Gauge("acme_runs", run), .. FakeCollector.Gauge("acme_still")]);
        }));
        using var browser = Browser.Open(host.Address());
        await browser.StateAsync("live");

        foreach (var family in (string[])["acme_runs", "acme_still"])
        {
            var later = browser.Run<int>(
                """
                window.focused = document.querySelector(`[data-family=${arguments[0]}]`);
                focused.focus();
                return Number(document.querySelector('#others :has([data-family=acme_runs]) td.value').textContent) + 3;
                """,
                family);

            await browser.UntilAsync(
                "document.querySelector('#others :has([data-family=acme_runs]) td.value').textContent >= arguments[0]",
                later);

            Assert.That(
                browser.Run<bool>("return document.activeElement === focused;"), Is.True,
                "The same button, so that a screen reader does not say it again.");
        }
    }

    [Test]
    public async Task The_format_is_chosen_by_arrow_keys()
    {
        await using var sample = await SampleProgram.StartAsync(("Sample__Simulate", "false"));
        using var browser = Browser.Open(sample.Address());
        await browser.StateAsync("live");
        browser.Run<object?>("document.querySelector('[name=format]').focus();");

        browser.Press(Keys.ArrowRight);

        await browser.UntilAsync("document.querySelector('#scrape').textContent.includes('openmetrics')");
    }

    [Test]
    public async Task On_a_small_phone_nothing_has_to_be_scrolled_sideways()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.Address(), Browser.Phone);
        await browser.UntilAsync(Browser.Switch);
        browser.Click("#more-workflows");

        Assert.That(browser.Run<int>("return document.documentElement.scrollWidth;"), Is.EqualTo(Browser.Phone));
        Assert.That(
            browser.Run<string[]>(
                """
                return [...document.querySelectorAll('button, select, h2, .total, .note, #states li, fieldset span')]
                    .filter(element => element.checkVisibility())
                    .filter(element => element.scrollWidth > element.clientWidth + 1
                        || element.getBoundingClientRect().right > innerWidth)
                    .map(element => element.outerHTML);
                """),
            Is.Empty, "Nothing is cut off.");
    }

    [Test]
    public async Task Nothing_moves_when_numbers_change()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.Address());
        await browser.UntilAsync(Browser.Switch);
        browser.Run<object?>(
            """
            window.shifts = [];
            // The parts of a bar push each other along, which is what bars are for.
            new PerformanceObserver(list => shifts.push(...list.getEntries().flatMap(entry => entry.sources)
                .filter(source => !source.node?.closest?.('.bar'))
                .map(source => source.node?.outerHTML?.slice(0, 200)))).observe({ type: 'layout-shift' });
            window.seen = new Set();
            const figure = document.querySelector('#processes-figure');
            new MutationObserver(() => seen.add(figure.textContent))
                .observe(figure, { subtree: true, childList: true, characterData: true });
            """);

        await browser.UntilAsync("seen.size >= 5");

        Assert.That(browser.Run<string[]>("return shifts;"), Is.Empty);
    }

    [Test]
    public async Task Without_motion_nothing_is_animated()
    {
        await using var host = await PageHost.StartAsync(GoldenRows.Exposition);
        using var browser = Browser.Open(host.Address());
        await browser.StateAsync("live");
        const string Transition = "return getComputedStyle(document.querySelector('.bar i')).transitionDuration;";
        Assert.That(browser.Run<string>(Transition), Is.EqualTo("0.4s"));

        browser.SetMedia(dark: false, reducedMotion: true);

        Assert.That(browser.Run<string>(Transition), Is.EqualTo("0s"));
    }

    [Test]
    public async Task What_happens_to_the_engine_is_said()
    {
        await using var sample = await SampleProgram.StartAsync(("Sample__Simulate", "false"));
        using var browser = Browser.Open(sample.Address());
        await browser.UntilAsync(Browser.Switch);

        browser.Click("#switch");

        await browser.UntilAsync(
            "document.querySelector('[aria-live=polite]').textContent === 'The engine is PAUSING.'");
    }
}
