namespace Orchestrator.Metrics.Exporter.Checks;

/// <summary>Writes a file next to the text file, in the same way as the text file writer, and deletes it.</summary>
internal static class TextFileCheck
{
    private const string Item = "text file";

    public static async Task RunAsync(string path, CheckReport report)
    {
        // A check must not change the text file itself. node_exporter reads only files named *.prom.
        var neighbour = $"{path}.{Guid.NewGuid():N}.check";
        using var empty = new OrchestratorMetricsRegistry();
        try
        {
            await empty.WriteTextFileAsync(neighbour);
            File.Delete(neighbour);
            report.AddSuccess(Item, $"The user of this check may write {path}.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            var cause = exception.Message.Replace(neighbour, path, StringComparison.Ordinal).TrimEnd('.');
            report.AddFailure(
                Item,
                $"{path} cannot be written. {cause}. Give the user of the exporter write access to the folder, or " +
                "correct text_file.path.");
        }
    }
}
