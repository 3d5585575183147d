using System.Text;

namespace Orchestrator.Metrics.Exporter;

/// <summary>Reads configured files of a limited length, so that a device file cannot exhaust memory.</summary>
internal static class BoundedFile
{
    public const string NoPermission = "cannot be read: the user that runs this program lacks permission.";

    /// <summary>Reads a file, as UTF-8 by default. A byte order mark takes precedence over the encoding.</summary>
    /// <exception cref="IOException">
    /// The file cannot be read, or is too long. The message names the file and the cause.
    /// </exception>
    /// <exception cref="DecoderFallbackException">
    /// The file contains invalid bytes, and the encoding throws on these.
    /// </exception>
    public static string Read(string path, int maxLength, Encoding? encoding = null)
    {
        var text = new StringBuilder();
        try
        {
            using var reader = new StreamReader(path, encoding ?? Encoding.UTF8);
            Span<char> chunk = stackalloc char[2048];
            while (text.Length <= maxLength && reader.ReadBlock(chunk) is > 0 and var length)
                text.Append(chunk[..length]);
        }
        catch (Exception exception) when (
            exception is IOException or UnauthorizedAccessException
                or (ArgumentException and not DecoderFallbackException))
        {
            throw new IOException($"The file '{path}' {Describe(exception, path)}", exception);
        }

        return text.Length <= maxLength
            ? text.ToString()
            : throw new IOException($"The file '{path}' is longer than {maxLength} characters. Shorten it.");
    }

    private static string Describe(Exception exception, string path) => exception switch
    {
        // ArgumentException: the path contains a null character.
        FileNotFoundException or DirectoryNotFoundException or ArgumentException => "does not exist.",
        UnauthorizedAccessException when Directory.Exists(path) => "is a folder.",
        UnauthorizedAccessException => NoPermission,
        _ => $"cannot be read. {exception.Message}",
    };
}
