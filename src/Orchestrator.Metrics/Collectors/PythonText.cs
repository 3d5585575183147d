namespace Orchestrator.Metrics.Collectors;

/// <summary>Values as Python's <c>str</c> writes them, which is what orchestrator-core puts into its labels.</summary>
internal static class PythonText
{
    public const string None = "None";

    public static string Bool(bool value) => value ? "True" : "False";
}
