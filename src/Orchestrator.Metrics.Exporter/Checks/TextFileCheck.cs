namespace Orchestrator.Metrics.Exporter.Checks;

/// <summary>Creates and deletes a file next to the text file, because its writer replaces it with a new file.</summary>
internal static class TextFileCheck
{
    private const string Item = "text file";

    /// <param name="path">The path of the text file.</param>
    /// <param name="report">Receives the result.</param>
    public static void Run(string path, CheckReport report)
    {
        try
        {
            File.Create($"{path}.{Guid.NewGuid():N}.tmp", bufferSize: 1, FileOptions.DeleteOnClose).Dispose();
            report.Ok(Item, $"The user of this check may write {path}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            report.Failed(
                Item,
                $"{path} cannot be written. {exception.Message.TrimEnd('.')}. Give the user of the exporter write access " +
                "to the folder, or correct text_file.path.");
        }
    }
}
