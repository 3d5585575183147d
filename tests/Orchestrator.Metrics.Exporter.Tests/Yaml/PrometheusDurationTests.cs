using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Tests.Yaml;

internal sealed class PrometheusDurationTests
{
    [TestCase("0", 0)]
    [TestCase("0s", 0)]
    [TestCase("500ms", 500)]
    [TestCase("30s", 30_000)]
    [TestCase("1m", 60_000)]
    [TestCase("1h30m", 5_400_000)]
    [TestCase("1d2h3m4s5ms", 93_784_005)]
    [TestCase("2w", 1_209_600_000)]
    [TestCase("1y", 31_536_000_000)]
    public void Durations_of_Prometheus_are_parsed(string text, long milliseconds)
    {
        Assert.That(PrometheusDuration.TryParse(text, out var duration), Is.True);
        Assert.That(duration, Is.EqualTo(TimeSpan.FromMilliseconds(milliseconds)));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase(" ")]
    [TestCase("30")]
    [TestCase("1.5s")]
    [TestCase("-1s")]
    [TestCase("1s ")]
    [TestCase("1s\n")]
    [TestCase("30m1h")]
    [TestCase("1s1s")]
    [TestCase("1S")]
    [TestCase("00:01:00")]
    [TestCase("٣s")]
    [TestCase("99999999999999999999s")]
    [TestCase("9999999999y")]
    [TestCase("29000y300000d")]
    public void Invalid_durations_are_rejected(string? text) =>
        Assert.That(PrometheusDuration.TryParse(text, out _), Is.False);
}
