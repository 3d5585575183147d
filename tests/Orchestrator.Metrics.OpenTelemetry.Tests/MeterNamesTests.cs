using Orchestrator.Metrics.OpenTelemetry;

namespace Orchestrator.Metrics.Tests;

/// <summary>The naming rules of OpenTelemetry's compatibility specification.</summary>
public class MeterNamesTests
{
    [TestCase("acme.hits", "", "acme_hits")]
    [TestCase("acme", "1", "acme")]
    [TestCase("acme..hits--x", "", "acme_hits_x")]
    [TestCase("acme__hits", "", "acme_hits")]
    [TestCase("1st", "", "_1st")]
    [TestCase("é", "", "_")]
    [TestCase("名前.a", "", "_a")]
    [TestCase("a:b", "", "a:b")]
    [TestCase("acme", "ms", "acme_milliseconds")]
    [TestCase("acme", "s", "acme_seconds")]
    [TestCase("acme", "By", "acme_bytes")]
    [TestCase("acme", "KiBy", "acme_kibibytes")]
    [TestCase("acme", "kBy", "acme_kilobytes")]
    [TestCase("acme", "%", "acme_percent")]
    [TestCase("acme", "Cel", "acme_celsius")]
    [TestCase("acme", "{packet}", "acme")]
    [TestCase("acme", "{a}By{b}", "acme_bytes")]
    [TestCase("acme", "{a", "acme_a")]
    [TestCase("acme", "m/s", "acme_meters_per_second")]
    [TestCase("acme", "By/min", "acme_bytes_per_minute")]
    [TestCase("acme", "{request}/s", "acme_per_second")]
    [TestCase("acme", "By/", "acme_bytes")]
    [TestCase("acme", "By/{request}", "acme_bytes")]
    [TestCase("acme", "/", "acme")]
    [TestCase("acme", "foo/bar", "acme_foo_per_bar")]
    [TestCase("acme", "foo bar", "acme_foo_bar")]
    [TestCase("acme.duration.seconds", "s", "acme_duration_seconds")]
    [TestCase("acme%", "%", "acme_percent")]
    public void Family_name_has_the_unit(string instrument, string unit, string name)
    {
        var names = new MeterNames(TranslationStrategy.UnderscoreEscapingWithSuffixes);

        Assert.That(names.TranslateFamily(instrument, unit, isCounter: false).Name, Is.EqualTo(name));
        Assert.That(names.TranslateFamily(instrument, unit, isCounter: true).Name, Is.EqualTo(name + "_total"));
    }

    [TestCase("hits_total", "", "hits_total")]
    [TestCase("hits.total", "", "hits_total")]
    [TestCase("traffic_bytes_total", "By", "traffic_bytes_total")]
    [TestCase("traffic.bytes.total", "By", "traffic_bytes_total")]
    [TestCase("traffic.bytes-per.second", "By/s", "traffic_bytes_per_second_total")]
    [TestCase("traffic_total", "By", "traffic_bytes_total")]
    public void Counter_has_one_suffix_total(string instrument, string unit, string name) => Assert.That(
        new MeterNames(TranslationStrategy.UnderscoreEscapingWithSuffixes)
            .TranslateFamily(instrument, unit, isCounter: true).Name,
        Is.EqualTo(name));

    [TestCase(TranslationStrategy.UnderscoreEscapingWithSuffixes, "foo_bar_bytes_total", "bytes")]
    [TestCase(TranslationStrategy.UnderscoreEscapingWithoutSuffixes, "foo_bar", "")]
    [TestCase(TranslationStrategy.NoUtf8EscapingWithSuffixes, "foo.bar_bytes_total", "bytes")]
    [TestCase(TranslationStrategy.NoTranslation, "foo.bar", "")]
    public void Strategy_determines_characters_and_suffixes(TranslationStrategy strategy, string name, string unit) =>
        Assert.That(
            new MeterNames(strategy).TranslateFamily("foo.bar", "By", isCounter: true), Is.EqualTo((name, unit)));

    [TestCase("kilobytes", "By", "kilobytes", "")]
    [TestCase("bytes", "By", "bytes", "")]
    [TestCase("sent_bytes", "By", "sent_bytes", "bytes")]
    public void Unit_is_omitted_unless_the_name_ends_in_an_underscore_and_the_unit(
        string instrument, string unit, string name, string word) => Assert.That(
        new MeterNames(TranslationStrategy.UnderscoreEscapingWithSuffixes)
            .TranslateFamily(instrument, unit, isCounter: false),
        Is.EqualTo((name, word)));

    [TestCase("user.role", "user_role", "user.role")]
    [TestCase("a--b", "a_b", "a--b")]
    [TestCase("1a", "_1a", "1a")]
    [TestCase("a:b", "a_b", "a:b")]
    [TestCase("__name__", "_name_", "_name__")]
    [TestCase("__a", "_a", "_a")]
    [TestCase("_a", "_a", "_a")]
    [TestCase("", "_", "_")]
    [TestCase("é", "_", "é")]
    public void Label_name_follows_the_strategy(string tag, string escaped, string kept)
    {
        Assert.That(
            new MeterNames(TranslationStrategy.UnderscoreEscapingWithSuffixes).TranslateLabel(tag),
            Is.EqualTo(escaped));
        Assert.That(new MeterNames(TranslationStrategy.NoTranslation).TranslateLabel(tag), Is.EqualTo(kept));
    }
}
