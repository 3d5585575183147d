using System.CommandLine;

namespace Orchestrator.Metrics.Exporter.Configuration;

internal sealed class CommandLine
{
    private readonly Dictionary<string, SettingValue> _values = [];
    private readonly List<string> _errors = [];

    /// <summary>The values of the flags, by the path of their setting.</summary>
    public IReadOnlyDictionary<string, SettingValue> Values => _values;

    public IReadOnlyList<string> Errors => _errors;

    public bool Help { get; private init; }

    public bool Version { get; private init; }

    public bool Check { get; private init; }

    public bool Once { get; private init; }

    public static CommandLine Parse(string[] arguments)
    {
        var help = new Option<bool>("--help", "-h");
        var version = new Option<bool>("--version");
        var check = new Option<bool>("--check");
        var once = new Option<bool>("--once");
        var options = SettingTable.All.Where(setting => setting.Flag is not null)
            .Select(setting => (Setting: setting, Option: CreateOption(setting))).ToArray();
        var command = new Command(Product.Name) { help, version, check, once };
        foreach (var (_, option) in options)
            command.Options.Add(option);

        // A value such as @file is not a file with more arguments, and -abc is not three flags.
        var result = command.Parse(
            arguments, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        var flags = new CommandLine
        {
            Help = result.GetValue(help),
            Version = result.GetValue(version),
            Check = result.GetValue(check),
            Once = result.GetValue(once),
        };
        flags.ReportUnknown(result.UnmatchedTokens);
        foreach (var (setting, option) in options)
        {
            if (result.GetResult(option) is { } given)
                flags.Read(setting, [.. given.Tokens.Select(token => token.Value)]);
        }

        if (flags.Check && flags.Once)
            flags._errors.Add("--check and --once are mutually exclusive. Set only one of them.");
        if (flags._errors.Count == 0)
            flags._errors.AddRange(result.Errors.Select(error => error.Message));
        return flags;
    }

    // Arities are checked here, because the messages of the library do not explain how to write a value.
    private static Option<string[]> CreateOption(Setting setting) =>
        new(setting.Flag!) { Arity = ArgumentArity.ZeroOrMore };

    private void ReportUnknown(IEnumerable<string> tokens)
    {
        foreach (var token in tokens)
        {
            if (token.StartsWith('-'))
                _errors.Add(DescribeUnknown(token.Split('=')[0]));
            else if (_errors.Count == 0)
                _errors.Add("there is an argument that is not a flag. Flags start with --. See --help.");

            // Any other token is the value of an unknown flag. It is not printed, because it may be a secret.
        }
    }

    private static string DescribeUnknown(string flag)
    {
        var setting = SettingTable.All.FirstOrDefault(setting => setting.FlagName == flag);
        if (setting?.Kind == SettingKind.Secret)
            return $"there is no flag {flag}, because all users of a machine can read flags. Set the environment " +
                $"variable {setting.Variable}, or the flag {flag}-file.";
        if (setting?.Kind == SettingKind.Node)
            return $"there is no flag {flag}. Set {setting.Path} in the configuration file.";
        string[] known = [.. SettingTable.All.Select(setting => setting.Flag).OfType<string>(), "--check", "--once"];
        string[] longer = Array.FindAll(known, name => name.StartsWith(flag + ".", StringComparison.Ordinal));
        return $"unknown flag {flag}. " +
            ((longer is [var only] ? only : Suggestion.Find(flag, known)) is { } suggestion
                ? $"Did you mean {suggestion}?"
                : "See --help.");
    }

    private void Read(Setting setting, string[] values)
    {
        if (values.Length == 0 && setting.Kind == SettingKind.Boolean)
            values = ["true"];
        var isMultiple = setting.Kind is SettingKind.List or SettingKind.Map;
        if (values.Length == 0)
            _errors.Add($"flag {setting.Flag} needs a value: {setting.Expected}.");
        else if (values.Length > 1 && !isMultiple)
            _errors.Add($"flag {setting.Flag} has {values.Length} values. Set it once.");
        else if (setting.Parse(string.Join(',', values), out var problem) is { } value)
            _values[setting.Path] = value;
        else
            _errors.Add($"flag {setting.Flag}: {problem}");
    }
}
