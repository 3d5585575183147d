namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>Validates a collector by the rules of its registration, while its position in the file is known.</summary>
internal static class Registration
{
    private const string ParameterSuffix = " (Parameter '";

    /// <summary>Returns why a registration fails; null if it succeeds.</summary>
    public static string? Error(Action<OrchestratorMetricsBuilder> register)
    {
        try
        {
            register(new ServiceCollection().AddOrchestratorMetrics());
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
