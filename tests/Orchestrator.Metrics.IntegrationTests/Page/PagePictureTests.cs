using System.Buffers.Binary;

namespace Orchestrator.Metrics.Tests;

public class PagePictureTests
{
    /// <summary>
    /// The variable that, set to 1, makes the test create a new picture for the root README. The test then takes a
    /// minute and needs pngquant. The picture looks best with the fonts Inter and JetBrains Mono.
    /// </summary>
    private const string Variable = "ORCHESTRATOR_METRICS_SCREENSHOT";

    private const int Width = 1280;
    private const int Scale = 2;
    private const int MostBytes = 250_000;

    private static readonly string ReadmePicture = Path.Combine(PageHost.Folder, "screenshot.png");

    [Test]
    public async Task Picture_of_the_page_can_be_taken()
    {
        var isForReadme = Environment.GetEnvironmentVariable(Variable) == "1";
        await using var sample = await SampleProgram.StartAsync();
        using var browser = Browser.Open(sample.GetAddress(), Width);
        await browser.WaitUntilAsync(Browser.Switch);
        if (isForReadme)
        {
            browser.Click("#switch");
            await WaitForScrapesAsync(browser, 20);
            browser.Click("#switch");
            await WaitForScrapesAsync(browser, 40);
        }

        // The picture ends after the five lines of code.
        var height = browser.Run<int>(
            "return Math.ceil(document.querySelector('.code').getBoundingClientRect().bottom + 24);");
        browser.Resize(Width, height, Scale);
        await browser.WaitUntilAsync($"innerHeight === {height} && devicePixelRatio === {Scale}");
        browser.Run<object?>("document.activeElement.blur();");
        var picture = browser.TakePicture();

        var path = isForReadme
            ? ReadmePicture
            : Path.Combine(TestContext.CurrentContext.WorkDirectory, "screenshot.png");
        await File.WriteAllBytesAsync(path, picture);
        TestContext.AddTestAttachment(path);
        if (isForReadme)
            await ReduceColoursAsync(path);
        Assert.That(ReadSize(picture), Is.EqualTo((Width * Scale, height * Scale)));
        Assert.That(picture, Has.Length.GreaterThan(50_000), "An empty page is smaller.");
    }

    [Test]
    public void Picture_of_the_README_has_high_resolution_and_a_small_file()
    {
        var picture = File.ReadAllBytes(ReadmePicture);

        Assert.That(ReadSize(picture).Width, Is.EqualTo(Width * Scale));
        Assert.That(picture, Has.Length.LessThan(MostBytes));
    }

    /// <summary>
    /// Reduces the picture to a palette, because the page has few colours. The file shrinks to a third.
    /// </summary>
    private static async Task ReduceColoursAsync(string path)
    {
        await using var pngquant = RunningProgram.Start(
            Requirements.FindProgram("pngquant", "pngquant"),
            ["96", "--nofs", "--strip", "--force", "--output", path, path]);
        Assert.That(await pngquant.WaitForExitAsync(), Is.Zero, pngquant.Output);
    }

    private static Task WaitForScrapesAsync(Browser browser, int more) => browser.WaitUntilAsync(
        $"{PageTests.Scrapes} >= arguments[0]", browser.Run<int>($"return {PageTests.Scrapes};") + more);

    private static (int Width, int Height) ReadSize(byte[] png)
    {
        Assert.That(png.AsSpan(1, 3).SequenceEqual("PNG"u8));
        return (ReadNumber(16), ReadNumber(20));

        int ReadNumber(int offset) => BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(offset));
    }
}
