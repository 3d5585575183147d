using Orchestrator.Metrics.Exporter.Yaml;

namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>A secret, or the file that contains it.</summary>
/// <param name="Source">What errors call it: an environment variable, a flag, or a key with its position.</param>
/// <param name="Value">The secret; null if it is in a file.</param>
/// <param name="File">The path of the file; null if the secret is known.</param>
internal sealed record Secret(string Source, string? Value, string? File)
{
    // A file that was given by mistake, such as a device, must not fill the memory.
    private const int MaxLength = 64 * 1024;

    /// <summary>Returns the secret. Reads the file each time, without line breaks at its end.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, or is empty.</exception>
    public string Read()
    {
        if (Value is not null)
            return Value;
        try
        {
            using var reader = new StreamReader(File!);
            var buffer = new char[MaxLength];
            var text = new string(buffer, 0, reader.ReadBlock(buffer)).TrimEnd('\r', '\n');
            return text.Length > 0 ? text : throw Error($"The file '{File}' is empty. Write the secret into it.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Error($"The file '{File}' cannot be read. {exception.Message}");
        }
    }

    /// <summary>An error that names the source. The message must not contain the secret.</summary>
    public ConfigurationException Error(string message) => new([$"{Source}: {message}"]);

    /// <summary>Hides the secret, in case that the record is printed.</summary>
    public override string ToString() => Source;
}
