using Orchestrator.Metrics.Exporter.Configuration;

namespace Orchestrator.Metrics.Exporter.Tests.Configuration;

public class CommandLineTests
{
    [Test]
    public void Values_follow_a_space_or_an_equals_sign()
    {
        var flags = CommandLine.Parse(["--log.level=warn", "--config.file", "a b.yaml", "--web.max-requests=3"]);

        Assert.That(flags.Errors, Is.Empty);
        Assert.That(flags.Values["log.level"].Text, Is.EqualTo("Warning"));
        Assert.That(flags.Values["config.file"].Text, Is.EqualTo("a b.yaml"));
        Assert.That(flags.Values["web.max_requests"].Integer, Is.EqualTo(3));
    }

    [Test]
    public void Check_and_once_exclude_each_other()
    {
        Assert.That(CommandLine.Parse(["--check"]).Check, Is.True);
        Assert.That(CommandLine.Parse(["--once"]).Once, Is.True);
        Assert.That(CommandLine.Parse(["--check", "--once"]).Errors, Is.EqualTo(new[]
        {
            "--check and --once are mutually exclusive. Set only one of them.",
        }));
    }

    [Test]
    public void Lists_may_be_repeated_or_separated_by_commas()
    {
        var flags = CommandLine.Parse(
            ["--web.listen-address=:1,:2", "--web.listen-address=:3", "--collectors.processes.add-labels=a=1,b=x=y"]);

        Assert.That(flags.Errors, Is.Empty);
        Assert.That(flags.Values["web.listen_address"].Items, Is.EqualTo(new[] { ":1", ":2", ":3" }));
        Assert.That(
            flags.Values["collectors.processes.add_labels"].Pairs,
            Is.EqualTo(new Dictionary<string, string> { ["a"] = "1", ["b"] = "x=y" }));
    }

    [TestCase("--web.compression", "true")]
    [TestCase("--web.compression=false", "false")]
    [TestCase("--web.compression=0", "false")]
    public void Boolean_flag_needs_no_value(string flag, string expected) =>
        Assert.That(CommandLine.Parse([flag]).Values["web.compression"].Text, Is.EqualTo(expected));

    [TestCase("--web.listn-address=:1", "unknown flag --web.listn-address. Did you mean --web.listen-address?")]
    [TestCase("--chek", "unknown flag --chek. Did you mean --check?")]
    [TestCase("--xyzzy", "unknown flag --xyzzy. See --help.")]
    [TestCase("-x", "unknown flag -x. See --help.")]
    [TestCase("--config=x", "unknown flag --config. Did you mean --config.file?")]
    [TestCase("--collector-files=x", "there is no flag --collector-files. Set collector_files in the configuration file.")]
    [TestCase("serve", "there is an argument that is not a flag. Flags start with --. See --help.")]
    [TestCase("@serve", "there is an argument that is not a flag. Flags start with --. See --help.")]
    [TestCase("--config.file", "flag --config.file needs a value: a path.")]
    [TestCase("--database.uri=x",
        "there is no flag --database.uri, because all users of a machine can read flags. Set the environment variable DATABASE_URI, or the flag --database.uri-file.")]
    [TestCase("--log.level=loud", "flag --log.level: 'loud' is not one of debug, info, warn, error.")]
    [TestCase("--web.max-requests=0", "flag --web.max-requests: '0' is not an integer of at least 1.")]
    [TestCase("--scrape.collector-timeout=25h",
        "flag --scrape.collector-timeout: '25h' is not a duration such as 500ms, 30s or 1h30m, longer than 0, at most 1d.")]
    [TestCase("--collectors.processes.max-refresh-share=1.5",
        "flag --collectors.processes.max-refresh-share: '1.5' is not a number above 0 and at most 1.")]
    [TestCase("--collectors.processes.add-labels=a",
        "flag --collectors.processes.add-labels: 'a' is not name=value, or repeats a name, ignoring case. " +
        "Write name=value once for each name.")]
    [TestCase("--collectors.processes.add-labels=Site=a,site=b",
        "flag --collectors.processes.add-labels: 'site=b' is not name=value, or repeats a name, ignoring case. " +
        "Write name=value once for each name.")]
    public void Wrong_flag_is_one_error(string flag, string error) =>
        Assert.That(CommandLine.Parse([flag]).Errors, Is.EqualTo(new[] { error }));

    [TestCase("--database.uri", "postgresql://u:secret@h/db")]
    [TestCase("--database.url", "postgresql://u:secret@h/db")]
    [TestCase("postgresql://u:secret@h/db")]
    [TestCase("--postgresql=secret")]
    public void Value_of_an_unknown_argument_is_not_printed(params string[] arguments)
    {
        var errors = CommandLine.Parse(arguments).Errors;

        Assert.That(errors, Has.Count.EqualTo(1));
        Assert.That(errors.Single(), Does.Not.Contain("secret"));
    }

    // A shell passes an empty path for "$UNSET".
    [Test]
    public void Empty_path_is_an_error()
    {
        foreach (var flag in SettingTable.All.Where(setting => setting.IsPath).Select(setting => setting.Flag!))
            Assert.That(CommandLine.Parse([flag, ""]).Errors, Is.EqualTo(new[] { $"flag {flag}: '' is not a path." }));
    }

    [Test]
    public void Flag_with_two_values_is_an_error() => Assert.That(
        CommandLine.Parse(["--log.level=info", "--log.level=warn"]).Errors,
        Is.EqualTo(new[] { "flag --log.level has 2 values. Set it once." }));

    [Test]
    public void Help_names_every_flag_and_variable()
    {
        using var output = new StringWriter();
        HelpText.Write(output);

        string[] others = ["subscriptions", "workflow_engine", "operational", "workers"];
        foreach (var setting in SettingTable.All.Where(setting =>
            setting.Kind != SettingKind.Node && !others.Contains(setting.Path.Split('.')[1..].FirstOrDefault())))
        {
            Assert.That(output.ToString(), Does.Contain(GeneralizeName(setting.Flag ?? setting.Variable)));
            Assert.That(output.ToString(), Does.Contain(GeneralizeName(setting.Variable)));
        }

        Assert.That(
            output.ToString().Split("name-prefix="), Has.Length.EqualTo(2),
            "The options of collectors are listed once.");
        Assert.That(output.ToString(), Does.Contain(
            "  --collectors.<name>.refresh-every=...\n      Runs the collector in the background at this interval; scrapes get " +
            "the last result. Default: 1m for processes and operational.\n" +
            "      Variable: WFO_EXPORTER_COLLECTORS_<NAME>_REFRESH_EVERY\n"));

        static string GeneralizeName(string name) => name
            .Replace("collectors.processes", "collectors.<name>", StringComparison.Ordinal)
            .Replace("COLLECTORS_PROCESSES", "COLLECTORS_<NAME>", StringComparison.Ordinal);
    }
}
