namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>A secret, or the file that contains it.</summary>
/// <param name="Source">The name in errors: an environment variable, a flag, or a key with its position.</param>
/// <param name="Value">The secret; null if it is in a file.</param>
/// <param name="File">The path of the file; null if there is a value.</param>
internal sealed record Secret(string Source, string? Value, string? File)
{
    private const int MaxLength = 64 * 1024;

    /// <summary>Returns the secret. Reads the file each time, and removes line breaks at its end.</summary>
    /// <exception cref="ConfigurationException">The file cannot be read, is too long, or is empty.</exception>
    public string Read()
    {
        if (Value is not null)
            return Value;
        try
        {
            var text = ReadFile(File!);
            return text.Length > 0 ? text : throw CreateError($"The file '{File}' is empty. Write the secret into it.");
        }
        catch (IOException exception)
        {
            throw CreateError(exception.Message);
        }
    }

    /// <exception cref="IOException">The file cannot be read, or is longer than 65536 characters.</exception>
    public static string ReadFile(string path) => BoundedFile.Read(path, MaxLength).TrimEnd('\r', '\n');

    // The message must not contain the secret.
    public ConfigurationException CreateError(string message) => new([$"{Source}: {message}"]);

    // The generated method would return the secret.
    public override string ToString() => Source;
}
