namespace Orchestrator.Metrics.Collectors;

/// <summary>Formats label values like Python's <c>str</c>, as orchestrator-core does.</summary>
internal static class PythonText
{
    public const string None = "None";

    public static string FormatBoolean(bool value) => value ? "True" : "False";
}
