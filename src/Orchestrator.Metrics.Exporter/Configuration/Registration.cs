namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>Validates a setting by registering it, while the source of its value is still known.</summary>
internal static class Registration
{
    private const string ParameterSuffix = " (Parameter '";

    /// <summary>Returns the error of a trial with separate services, or null if it succeeds.</summary>
    public static string? FindError(Action<OrchestratorMetricsBuilder> register) =>
        Register(new ServiceCollection().AddOrchestratorMetrics(), register);

    /// <summary>Returns the error, or null if the registration succeeds.</summary>
    public static string? Register(OrchestratorMetricsBuilder builder, Action<OrchestratorMetricsBuilder> register)
    {
        try
        {
            register(builder);
            return null;
        }
        catch (ArgumentException exception)
        {
            // .NET appends the name of a C# parameter, which is not a key of the file.
            var end = exception.Message.LastIndexOf(ParameterSuffix, StringComparison.Ordinal);
            return SettingNames.RemoveCodeAdvice(end < 0 ? exception.Message : exception.Message[..end]);
        }
    }
}
