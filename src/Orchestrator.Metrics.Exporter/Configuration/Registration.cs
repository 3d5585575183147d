namespace Orchestrator.Metrics.Exporter.Configuration;

/// <summary>Validates a setting by the rules of its registration, while what sets it is known.</summary>
internal static class Registration
{
    private const string ParameterSuffix = " (Parameter '";

    /// <summary>Returns why a registration with other services would fail; null if it would succeed.</summary>
    public static string? Error(Action<OrchestratorMetricsBuilder> register) =>
        Error(new ServiceCollection().AddOrchestratorMetrics(), register);

    /// <summary>Registers, and returns why it fails; null if it succeeds.</summary>
    public static string? Error(OrchestratorMetricsBuilder builder, Action<OrchestratorMetricsBuilder> register)
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
            return SettingNames.WithoutCode(end < 0 ? exception.Message : exception.Message[..end]);
        }
    }
}
