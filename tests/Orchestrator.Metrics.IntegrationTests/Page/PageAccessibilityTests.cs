using OpenQA.Selenium;

namespace Orchestrator.Metrics.Tests;

/// <summary>Use of the page with low vision, without a mouse, on a small screen, and with reduced motion.</summary>
public class PageAccessibilityTests
{
    private const string Controls = "a, button, input, select, textarea, [tabindex]";

    [Test]
    public async Task Page_is_accessible_in_light_and_dark_on_phones_and_desktops()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.GetAddress());
        await browser.WaitUntilAsync(Browser.Switch);
        await AssertAccessibleAsync(browser, "running");

        browser.Click("#switch");
        await browser.WaitUntilAsync("document.querySelector('#engine').dataset.state === 'PAUSED'");
        await AssertAccessibleAsync(browser, "paused");

        await sample.Program.WaitForExitAsync(terminate: true);
        await browser.WaitForStateAsync("gone");
        await AssertAccessibleAsync(browser, "gone");
    }

    private static async Task AssertAccessibleAsync(Browser browser, string state)
    {
        foreach (var width in new[] { Browser.Phone, 1280 })
            foreach (var dark in new[] { true, false })
            {
                // Reduced motion turns transitions off, during which colours have intermediate values.
                browser.SetMedia(dark, reducedMotion: true);
                browser.Resize(width, 900);
                await browser.WaitUntilAsync($"innerWidth === {width}");
                Assert.That(
                    browser.Run<string>("return getComputedStyle(document.body).backgroundColor;"),
                    Is.EqualTo(dark ? "rgb(13, 15, 19)" : "rgb(245, 246, 248)"));
                Assert.That(browser.FindFaults(), Is.Empty, $"{state}, {(dark ? "dark" : "light")}, {width} wide");
            }
    }

    [Test]
    public async Task Controls_have_a_name_and_a_visible_focus_and_are_reached_by_Tab()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.GetAddress());
        await browser.WaitUntilAsync(Browser.Switch);

        var named = browser.GetAccessibleNames(Controls).ToList();
        var reached = new List<string>();
        for (var presses = 0; presses < 60; presses++)
        {
            browser.Press(Keys.Tab);
            // Returns the focused element, and whether it has an outline. Radio buttons are hidden: the element
            // after the button has the outline.
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
            Is.All.StartsWith("<main id=\"main\""), "Only the target of the skip link may be unnamed.");
        Assert.That(
            named.Select(control => control.Element[..Math.Min(90, control.Element.Length)])
                .Where(element => !element.StartsWith("<main", StringComparison.Ordinal))
                // Tab reaches only the selected radio button of a group. Arrow keys move to the other ones.
                .Where(element => !element.Contains("application/openmetrics", StringComparison.Ordinal)
                    && !element.Contains("value=\"failures\"", StringComparison.Ordinal)),
            Is.SubsetOf(reached));
    }

    [Test]
    public async Task Button_keeps_the_focus_when_values_change_and_families_appear_and_disappear()
    {
        var run = 0;
        await using var host = await PageHost.StartAsync(new FakeCollector(_ =>
        {
            run++;
            IEnumerable<MetricFamily> guests =
                run % 2 == 0 ? FakeCollector.CreateGauge("acme_guest") : [];
            return Task.FromResult<IReadOnlyList<MetricFamily>>(
            [
                .. guests, .. FakeCollector.CreateGauge("acme_runs", run), .. FakeCollector.CreateGauge("acme_still"),
            ]);
        }));
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");

        foreach (var family in (string[])["acme_runs", "acme_still"])
        {
            var later = browser.Run<int>(
                """
                window.focused = document.querySelector(`[data-family=${arguments[0]}]`);
                focused.focus();
                return Number(document.querySelector('#others :has([data-family=acme_runs]) td.value').textContent) + 3;
                """,
                family);

            await browser.WaitUntilAsync(
                "document.querySelector('#others :has([data-family=acme_runs]) td.value').textContent >= arguments[0]",
                later);

            Assert.That(
                browser.Run<bool>("return document.activeElement === focused;"), Is.True,
                "The same button, so that a screen reader does not repeat it.");
        }
    }

    [Test]
    public async Task Format_is_selected_by_arrow_keys()
    {
        await using var sample = await SampleProgram.StartAsync(("Sample__Simulate", "false"));
        using var browser = Browser.Open(sample.GetAddress());
        await browser.WaitForStateAsync("live");
        browser.Run<object?>("document.querySelector('[name=format]').focus();");

        browser.Press(Keys.ArrowRight);

        await browser.WaitUntilAsync("document.querySelector('#scrape').textContent.includes('openmetrics')");
    }

    [Test]
    public async Task Page_needs_no_horizontal_scrolling_on_a_small_phone()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.GetAddress(), Browser.Phone);
        await browser.WaitUntilAsync(Browser.Switch);
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
    public async Task Exposition_lines_scroll_and_do_not_wrap_on_a_small_phone()
    {
        await using var sample = await SampleProgram.StartAsync(("Sample__Simulate", "false"));
        using var browser = Browser.Open(sample.GetAddress(), Browser.Phone);
        await browser.WaitForStateAsync("live");
        const string Heights =
            """
            const box = document.querySelector('#exposition');
            return [box.scrollWidth - box.clientWidth,
                    ...new Set([...box.children].slice(0, 100).map(line => Math.round(line.offsetHeight)))];
            """;

        var phone = browser.Run<int[]>(Heights);

        Assert.That(phone[0], Is.GreaterThan(100), "The box scrolls.");
        Assert.That(phone, Has.Length.EqualTo(2), "All lines have the height of one.");
        browser.Resize(1280, 900);
        await browser.WaitUntilAsync("innerWidth === 1280");
        Assert.That(browser.Run<int[]>(Heights)[0], Is.Zero, "A wide screen does not scroll.");
    }

    [Test]
    public async Task Layout_does_not_shift_when_numbers_change()
    {
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.GetAddress());
        await browser.WaitUntilAsync(Browser.Switch);
        browser.Run<object?>(
            """
            window.shifts = [];
            // The segments of a bar shift each other by design.
            new PerformanceObserver(list => shifts.push(...list.getEntries().flatMap(entry => entry.sources)
                .filter(source => !source.node?.closest?.('.bar'))
                .map(source => source.node?.outerHTML?.slice(0, 200)))).observe({ type: 'layout-shift' });
            window.seen = new Set();
            const figure = document.querySelector('#processes-figure');
            new MutationObserver(() => seen.add(figure.textContent))
                .observe(figure, { subtree: true, childList: true, characterData: true });
            """);

        await browser.WaitUntilAsync("seen.size >= 5");

        Assert.That(browser.Run<string[]>("return shifts;"), Is.Empty);
    }

    [Test]
    public async Task Nothing_is_animated_with_reduced_motion()
    {
        await using var host = await PageHost.StartAsync(GoldenRows.Exposition);
        using var browser = Browser.Open(host.GetAddress());
        await browser.WaitForStateAsync("live");
        const string Transition = "return getComputedStyle(document.querySelector('.bar i')).transitionDuration;";
        Assert.That(browser.Run<string>(Transition), Is.EqualTo("0.4s"));

        browser.SetMedia(dark: false, reducedMotion: true);

        Assert.That(browser.Run<string>(Transition), Is.EqualTo("0s"));
    }
}
