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
    /// <exception cref="ConfigurationException">The file cannot be read, is too long, or is empty.</exception>
    public string Read()
    {
        if (Value is not null)
            return Value;
        try
        {
            var text = ReadFile(File!);
            return text.Length > 0 ? text : throw Error($"The file '{File}' is empty. Write the secret into it.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Error($"The file '{File}' cannot be read. {exception.Message}");
        }
    }

    /// <summary>Returns the text of a file, without line breaks at its end.</summary>
    /// <exception cref="IOException">The file cannot be read, or is longer than 65536 characters.</exception>
    /// <exception cref="UnauthorizedAccessException">The file must not be read, or is a folder.</exception>
    public static string ReadFile(string path)
    {
        using var reader = new StreamReader(path);
        var buffer = new char[MaxLength + 1];
        var length = reader.ReadBlock(buffer);
        return length <= MaxLength
            ? new string(buffer, 0, length).TrimEnd('\r', '\n')
            : throw new IOException($"It is longer than {MaxLength} characters.");
    }

    /// <summary>An error that names the source. The message must not contain the secret.</summary>
    public ConfigurationException Error(string message) => new([$"{Source}: {message}"]);

    /// <summary>Hides the secret if the record is printed.</summary>
    public override string ToString() => Source;
}
