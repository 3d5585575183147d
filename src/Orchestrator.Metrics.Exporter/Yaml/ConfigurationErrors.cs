using YamlDotNet.Core;

namespace Orchestrator.Metrics.Exporter.Yaml;

/// <summary>Collects the errors of a configuration, from files and other sources. Not thread-safe.</summary>
internal sealed class ConfigurationErrors
{
    // A file in another format may have an error on every line.
    private const int Max = 50;

    private readonly List<(string File, Mark Position, string Message)> _errors = [];
    private readonly List<string> _others = [];

    /// <summary>The number of errors.</summary>
    public int Count => _errors.Count + _others.Count;

    /// <summary>Adds an error at a position of a file.</summary>
    public void Add(string file, Mark position, string message) => _errors.Add((file, position, message));

    /// <summary>Adds an error that names its file or setting itself.</summary>
    public void Add(string error) => _others.Add(error);

    /// <summary>Reads a part of the configuration and adds its errors, so that the other parts are read too.</summary>
    public void Try(Action read)
    {
        try
        {
            read();
        }
        catch (ConfigurationException exception)
        {
            _others.AddRange(exception.Errors);
        }
    }

    /// <summary>
    /// Throws if there is an error. Errors at positions come first, sorted within each file.
    /// </summary>
    /// <exception cref="ConfigurationException">
    /// There are errors. Contains the first 50 errors and the number of further ones.
    /// </exception>
    public void ThrowIfAny()
    {
        if (Count == 0)
            return;
        var lines = _errors
            .GroupBy(error => error.File)
            .SelectMany(file => file.OrderBy(error => error.Position.Line).ThenBy(error => error.Position.Column))
            .Select(error =>
                FormattableString.Invariant($"{error.File}:{error.Position.Line}:{error.Position.Column}: ") +
                error.Message)
            .Concat(_others)
            .Distinct()
            .ToList();
        if (lines.Count > Max)
            lines = [.. lines.Take(Max), $"Further errors: {lines.Count - Max}."];
        throw new ConfigurationException(lines);
    }
}
