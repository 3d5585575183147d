using YamlDotNet.Core;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>Collects the errors of one or more files. Not thread-safe.</summary>
internal sealed class ConfigurationErrors
{
    // A file of another format has an error in every line.
    private const int Max = 50;

    private readonly List<(string File, Mark Position, string Message)> _errors = [];

    /// <summary>Whether an error was added.</summary>
    public bool Any => _errors.Count > 0;

    /// <summary>Adds an error at a position of a file.</summary>
    public void Add(string file, Mark position, string message) => _errors.Add((file, position, message));

    /// <summary>Throws if an error was added. Errors are sorted by position within their file.</summary>
    /// <exception cref="ConfigurationException">The first 50 errors.</exception>
    public void ThrowIfAny()
    {
        if (!Any)
            return;
        var lines = _errors
            .GroupBy(error => error.File)
            .SelectMany(file => file.OrderBy(error => error.Position.Line).ThenBy(error => error.Position.Column))
            .Select(error =>
                FormattableString.Invariant($"{error.File}:{error.Position.Line}:{error.Position.Column}: ") +
                error.Message)
            .Distinct()
            .ToList();
        if (lines.Count > Max)
            lines = [.. lines.Take(Max), $"There are {lines.Count - Max} more errors."];
        throw new ConfigurationException(lines);
    }
}
