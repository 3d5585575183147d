namespace Orchestrator.Metrics.Exposition;

/// <summary>Replaces a file atomically: readers see either the old text or the new one.</summary>
internal static class TextFile
{
    public static async Task ReplaceAsync(
        string path, Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        path = Path.GetFullPath(path);
        RequireWritablePath(path);

        // The temporary file is in the same folder, because a move within one file system is atomic. Its name does not
        // end in .prom, because node_exporter would read it.
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None);
            await using (stream.ConfigureAwait(false))
            {
                await write(stream, cancellationToken).ConfigureAwait(false);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception)
        {
            TryDelete(temporary);

            // The messages name the temporary file, which the caller does not know.
            if (exception is UnauthorizedAccessException)
                throw new IOException(
                    $"Access to the text file '{path}' or its folder is denied. Grant the process write access to both.");
            if (exception is IOException && exception.Message.Contains(temporary, StringComparison.Ordinal))
                throw new IOException(
                    exception.Message.Replace(temporary, path, StringComparison.Ordinal), exception.HResult);
            throw;
        }
    }

    public static void RequireWritablePath(string path)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new DirectoryNotFoundException(
                $"The folder of the text file '{path}' does not exist. Create it, or choose another one.");
        if (Directory.Exists(path))
            throw new IOException($"The text file '{path}' is a folder. Append a file name, such as acme.prom.");
    }

    private static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The exception that interrupted the write is more important.
        }
    }
}
