using YamlDotNet.Core;

namespace Orchestrator.Metrics.Exporter.Yaml;

// Not thread-safe.
internal sealed class ConfigurationErrors
{
    // A file in another format may have an error on every line.
    private const int Max = 50;

    private readonly List<(string File, Mark Position, string Message)> _errors = [];
    private readonly List<string> _others = [];

    public int Count => _errors.Count + _others.Count;

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

    // Errors with a position come first, sorted within each file.
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
