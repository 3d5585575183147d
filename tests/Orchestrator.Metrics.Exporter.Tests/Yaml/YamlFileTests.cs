using Orchestrator.Metrics.Exporter.Yaml;
using Orchestrator.Metrics.Tests;

namespace Orchestrator.Metrics.Exporter.Tests.Yaml;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
internal sealed class YamlFileTests
{
    private readonly ConfigurationErrors _errors = new();

    [Test]
    public void Values_are_converted_to_their_types()
    {
        var map = Parse("""
            text: hello
            number_as_text: 5
            quoted: "true"
            flag: yes
            count: -3
            ratio: 1.5e-3
            infinite: .inf
            wait: 1h30m
            list: [a, 2]
            labels:
              env: dev
            nothing:
            tilde: ~
            """);

        Assert.Multiple(() =>
        {
            Assert.That(map.Find("text")?.AsString(), Is.EqualTo("hello"));
            Assert.That(map.Find("number_as_text")?.AsString(), Is.EqualTo("5"));
            Assert.That(map.Find("quoted")?.AsString(), Is.EqualTo("true"));
            Assert.That(map.Find("flag")?.AsBoolean(), Is.True);
            Assert.That(map.Find("count")?.AsInteger(), Is.EqualTo(-3));
            Assert.That(map.Find("ratio")?.AsNumber(), Is.EqualTo(0.0015));
            Assert.That(map.Find("infinite")?.AsNumber(), Is.EqualTo(double.PositiveInfinity));
            Assert.That(map.Find("wait")?.AsDuration(), Is.EqualTo(TimeSpan.FromMinutes(90)));
            Assert.That(map.Find("list")?.AsList()?.Select(item => item.AsString()), Is.EqualTo((string[])["a", "2"]));
            Assert.That(
                map.Find("labels")?.AsMap()?.Entries.Select(entry => (entry.Key, entry.Value.AsString())),
                Is.EqualTo(((string, string?)[])[("env", "dev")]));
            Assert.That(map.Find("nothing"), Is.Null);
            Assert.That(map.Find("tilde"), Is.Null);
            Assert.That(map.Find("absent"), Is.Null);
        });
        map.RejectUnknownKeys();
    }

    [Test]
    public void Errors_for_wrong_types_have_the_position_of_the_value_and_do_not_contain_it()
    {
        var map = YamlFile.Parse(
            """
            text: [secret]
            flag: "true"
            count: 1.5
            big: 2147483648
            ratio: secret
            wait: 30
            map: secret
            list: {a: b}
            """, "exporter.yaml", _errors)!;

        map.Find("text")?.AsString();
        map.Find("flag")?.AsBoolean();
        map.Find("count")?.AsInteger();
        map.Find("big")?.AsInteger();
        map.Find("ratio")?.AsNumber();
        map.Find("wait")?.AsDuration();
        map.Find("map")?.AsMap();
        map.Find("list")?.AsList();

        Assert.That(GetErrors(), Is.EqualTo((string[])[
            "exporter.yaml:1:7: Expected a string, but this is a list.",
            "exporter.yaml:2:7: Expected true or false, but this is a quoted string.",
            "exporter.yaml:3:8: Expected an integer of at most 2147483647, but this is another value.",
            "exporter.yaml:4:6: Expected an integer of at most 2147483647, but this is another value.",
            "exporter.yaml:5:8: Expected a number such as 0.1, but this is another value.",
            "exporter.yaml:6:7: Expected a duration such as 500ms, 30s or 1h30m, but this is another value.",
            "exporter.yaml:7:6: Expected a map: lines of 'key: value', but this is another value.",
            "exporter.yaml:8:7: Expected a list: lines of '- value', but this is a map."]));
    }

    [Test]
    public void Unknown_keys_are_errors_with_a_suggestion()
    {
        var map = YamlFile.Parse("collector-file: x\nxyzzy: 1\ntimeout: 1s\n", "exporter.yaml", _errors)!;
        map.Find("collector_files");
        map.Find("timeout");

        map.RejectUnknownKeys();

        Assert.That(GetErrors(), Is.EqualTo((string[])[
            "exporter.yaml:1:1: The key 'collector-file' is unknown. Did you mean 'collector_files'?",
            "exporter.yaml:2:1: The key 'xyzzy' is unknown. Known keys: collector_files, timeout."]));
    }

    [Test]
    public void Missing_key_is_an_error_at_the_map_and_empty_key_at_the_key()
    {
        var map = YamlFile.Parse("sources:\n  - url: x\n    token:\n", "exporter.yaml", _errors)!;
        var source = map.Find("sources")!.AsList()![0].AsMap()!;

        source.Require("name");
        source.Require("token");

        Assert.That(GetErrors(), Is.EqualTo((string[])[
            "exporter.yaml:2:5: The key 'name' is missing. Add it.",
            "exporter.yaml:3:5: The key 'token' is missing. Add it."]));
    }

    [TestCase("a: 1\na: 2\n", "exporter.yaml:2:1: ", "a")]
    [TestCase("a: 1\n\"a\": 2\n", "exporter.yaml:2:1: ", "a")]
    [TestCase("a: 1\n--- \nb: 2\n", "exporter.yaml:2:1: ", "second YAML document")]
    [TestCase("a: !env SECRET\n", "exporter.yaml:1:4: ", "a tag, which is not supported")]
    [TestCase("a: 'unclosed\n", "exporter.yaml:", "")]
    [TestCase("a:\n\t- b\n", "exporter.yaml:2:1: ", "tab")]
    [TestCase("a:\n  b:\n  \tc: 1\n", "exporter.yaml:3:3: ", "tab")]
    [TestCase("a: 1\nb:\n\tc: 1\n\td: 1\n", "exporter.yaml:3:1: ", "tab")]
    [TestCase("a: *missing\n", "exporter.yaml:1:4: ", "anchor is not defined")]
    [TestCase("a: &a\n  <<: *a\n", "exporter.yaml:2:7: ", "anchor is not defined")]
    [TestCase("a: &a [*a]\n", "exporter.yaml:1:8: ", "anchor is not defined")]
    [TestCase("- a\n- b\n", "exporter.yaml:1:1: ", "Expected a map")]
    [TestCase("plain\n", "exporter.yaml:1:1: ", "Expected a map")]
    [TestCase("? [a, b]\n: c\n", "exporter.yaml:1:3: ", "Expected a key")]
    [TestCase("<<: 5\n", "exporter.yaml:1:5: ", "Expected a map to merge")]
    [TestCase("log: {level: info\nscrape: {metrics: true}\n", "exporter.yaml:1:12: ", "Look for a missing '}'")]
    [TestCase("telemetry_path: [/a\nlog:\n  level: info\n", "exporter.yaml:1:17: ", "Look for a missing '}', ']'")]
    [TestCase("log:\n  - : a\n", "exporter.yaml:3:1: ", "Look for a missing '}', ']' or value")]
    [TestCase("a: \"\\UFFFFFFFF\"\n", "exporter.yaml:1:2: ", "an invalid escape sequence")]
    public void Invalid_files_are_errors_with_a_position(string text, string position, string message)
    {
        YamlFile.Parse(text, "exporter.yaml", _errors);

        var error = GetErrors().Single();
        Assert.That(error, Does.StartWith(position).And.Contains(message));
    }

    [TestCase("token: *s3cr3t\n", "quote a value that starts with '*'")]
    [TestCase("token: !s3cr3t\n", "quote a value that starts with '!'")]
    [TestCase("token: !!s3cr3t\n", "")]
    [TestCase("token: !s3cr3t!x\n", "")]
    [TestCase("token: !<s3cr3t\n", "")]
    [TestCase("token: *s3cr3t x\n", "")]
    [TestCase("token: &s3cr3t\n", "")]
    [TestCase("token: &s3cr3t &b c\n", "")]
    [TestCase("token: @s3cr3t\n", "")]
    [TestCase("token: `s3cr3t\n", "")]
    [TestCase("token: %s3cr3t\n", "")]
    [TestCase("token: |s3cr3t\n", "")]
    [TestCase("token: >s3cr3t\n", "")]
    [TestCase("token: {s3cr3t\n", "")]
    [TestCase("token: {s3cr3t: a\nb: {c: d}\n", "")]
    [TestCase("token: [s3cr3t\n", "")]
    [TestCase("token: s3cr3t: b\n", "")]
    [TestCase("token: \"s3cr3t\\q\"\n", "")]
    [TestCase("token: 's3cr3t'x\n", "")]
    public void Errors_do_not_contain_an_unquoted_secret(string text, string advice)
    {
        YamlFile.Parse(text, "exporter.yaml", _errors)?.Find("token")?.AsNonEmptyString();

        if (_errors.Count > 0 || advice.Length > 0)
            Assert.That(GetErrors().Single(), Does.Contain(advice).And.Not.Contains("s3cr3t"));
    }

    [TestCase("")]
    [TestCase("# only a comment\n")]
    [TestCase("---\n")]
    [TestCase("~\n")]
    public void Empty_file_is_an_empty_map(string text) => Assert.That(Parse(text).Entries, Is.Empty);

    [Test]
    public void Aliases_and_merge_keys_repeat_their_anchor()
    {
        var map = Parse("""
            first: &base
              type: gauge
              help: one
            second:
              <<: *base
              help: two
            third:
              <<: [{type: counter}, *base]
            fourth: *base
            """);

        Assert.That(
            map.Entries.Select(entry => string.Join(
                ' ', entry.Value.AsMap()!.Entries.OrderBy(pair => pair.Key)
                    .Select(pair => $"{pair.Key}={pair.Value.AsString()}"))),
            Is.EqualTo((string[])[
                "help=one type=gauge", "help=two type=gauge", "help=one type=counter", "help=one type=gauge"]));
    }

    [Test]
    public void Deep_nesting_is_an_error_not_a_crash(
        [Values("[", "{a: ", "- ")] string open)
    {
        YamlFile.Parse("a: " + string.Concat(Enumerable.Repeat(open, 100_000)), "exporter.yaml", _errors);

        Assert.That(GetErrors(), Has.Count.EqualTo(1));
    }

    [Test]
    public void Maps_that_merge_the_previous_map_twice_are_read_in_linear_time()
    {
        var map = Parse("a0: &a0 {k: v}\n" + string.Concat(Enumerable.Range(1, 60).Select(
            level => $"a{level}: &a{level}\n  <<: [*a{level - 1}, *a{level - 1}]\n")));

        Assert.That(map.Find("a60")!.AsMap()!.Find("k")!.AsString(), Is.EqualTo("v"));
    }

    [Test]
    public void List_as_a_key_is_an_error_before_its_aliases_are_followed()
    {
        YamlFile.Parse(
            "a0: &a0 [x]\n" + string.Concat(Enumerable.Range(1, 60).Select(
                level => $"a{level}: &a{level} [*a{level - 1}, *a{level - 1}]\n")) + "*a60 : v\n",
            "exporter.yaml", _errors);

        Assert.That(GetErrors().Single(), Does.StartWith("exporter.yaml:62:1: Expected a key"));
    }

    [Test]
    public void Large_file_and_many_aliases_are_errors()
    {
        using var folder = new TemporaryFolder();
        var large = folder.Write("large.yaml", new string('#', 1024 * 1024 + 1));
        Assert.That(YamlFile.Load(large, _errors), Is.Null);
        YamlFile.Parse(
            "a: &a x\nb: [" + string.Join(',', Enumerable.Repeat("*a", 1001)) + "]\n", "aliases.yaml", _errors);

        Assert.That(GetErrors(), Has.Count.EqualTo(2));
        Assert.That(GetErrors()[0], Does.StartWith("aliases.yaml:2:").And.Contains("more than 1000 aliases"));
        Assert.That(GetErrors()[1], Is.EqualTo($"The file '{large}' is longer than 1048576 characters. Shorten it."));
    }

    [Test]
    public void Only_the_first_50_errors_are_reported()
    {
        var map = YamlFile.Parse(
            string.Concat(Enumerable.Range(0, 60).Select(key => $"k{key}: 1\n")), "exporter.yaml", _errors)!;

        map.RejectUnknownKeys();

        Assert.That(GetErrors(), Has.Count.EqualTo(51));
        Assert.That(GetErrors()[50], Is.EqualTo("Further errors: 10."));
    }

    [Test]
    public void File_that_is_not_UTF8_is_an_error_with_a_remedy()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "latin1.yaml");
        File.WriteAllBytes(path, [(byte)'a', (byte)':', (byte)' ', 0xE9, (byte)'\n']);
        Assert.That(YamlFile.Load(path, _errors), Is.Null);

        Assert.That(GetErrors(), Is.EqualTo((string[])[$"The file '{path}' is not UTF-8. Save it in this encoding."]));
    }

    private YamlMap Parse(string text)
    {
        var map = YamlFile.Parse(text, "exporter.yaml", _errors);
        _errors.ThrowIfAny();
        return map!;
    }

    private IReadOnlyList<string> GetErrors() =>
        Assert.Throws<ConfigurationException>(_errors.ThrowIfAny)!.Errors;
}
