namespace Orchestrator.Metrics.Collectors;

/// <summary>Label values as Python's <c>str</c> writes them, as in orchestrator-core.</summary>
internal static class PythonText
{
    public const string None = "None";

    public static string Bool(bool value) => value ? "True" : "False";
}
