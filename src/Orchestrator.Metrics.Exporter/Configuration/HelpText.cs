namespace Orchestrator.Metrics.Exporter.Configuration;

internal static class HelpText
{
    private const string Introduction =
        $"""
        usage: {Product.Name} [flags]

        Serves the metrics of an orchestrator-core database to Prometheus. Set DATABASE_URI as for orchestrator-core:

          DATABASE_URI=postgresql+psycopg://user:password@host:5432/orchestrator-core {Product.Name}

        Most settings have a flag, an environment variable, and a key in the configuration file (--config.file). Flags
        take precedence over variables, and variables over the file. SIGHUP reloads the file.

        Flags:
          --help, -h
              Prints this help.
          --version
              Prints the version.
          --check
              Checks the configuration, the database and all other connections, and prints a report.
          --once
              Prints the metrics once.

        """;

    // This collector supports all settings.
    private const string Example = "processes";

    public static void Write(TextWriter output)
    {
        output.Write(Introduction);
        foreach (var setting in SettingTable.All.Where(setting => setting.Flag is not null && !setting.IsOfCollector))
            Write(output, setting, $"{setting.Flag}=...");
        output.Write("\nFor each collector <name> (" +
            string.Join(", ", SettingTable.PackageCollectors.Keys.Select(name => name.Replace('_', '-'))) +
            "); the last two have no 'enabled' flag:\n");
        foreach (var setting in SettingTable.GetCollectorSettings(Example).Select(Generalize))
            Write(output, setting, $"{setting.Flag}=...");
        output.Write("\nVariables for secrets, which have no flag because all users of a machine can read flags:\n");
        foreach (var setting in SettingTable.All.Where(setting => setting.Kind == SettingKind.Secret))
            Write(output, setting, setting.Variable);
    }

    private static Setting Generalize(Setting setting) => setting with
    {
        Path = setting.Path.Replace(Example, "<name>", StringComparison.Ordinal),
        Variable = setting.Variable.Replace(Example.ToUpperInvariant(), "<NAME>", StringComparison.Ordinal),
        Default = setting.Kind == SettingKind.Duration && setting.Default is { } value
            ? value + " for processes and operational"
            : setting.Default,
    };

    private static void Write(TextWriter output, Setting setting, string name)
    {
        output.Write($"  {name}\n      {setting.Description}");
        if (setting.Default is { } value)
            output.Write($" Default: {value}.");
        output.Write('\n');
        if (setting.Flag is not null)
            output.Write($"      Variable: {setting.Variable}\n");
    }
}
