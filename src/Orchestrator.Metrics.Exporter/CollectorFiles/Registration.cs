namespace Orchestrator.Metrics.Exporter.CollectorFiles;

/// <summary>Validates a collector by the rules of its registration, while the position in the file is known.</summary>
internal static class Registration
{
    private const string ParameterSuffix = " (Parameter '";

    /// <summary>Returns why a collector cannot be registered; null if it can.</summary>
    public static string? Error(SqlCollector collector)
    {
        try
        {
            SqlCollectors.Add(new ServiceCollection().AddOrchestratorMetrics(), collector);
            return null;
        }
        catch (ArgumentException exception)
        {
            // .NET appends the name of a C# parameter, which is not a key of the file.
            var end = exception.Message.LastIndexOf(ParameterSuffix, StringComparison.Ordinal);
            return end < 0 ? exception.Message : exception.Message[..end];
        }
    }
}
