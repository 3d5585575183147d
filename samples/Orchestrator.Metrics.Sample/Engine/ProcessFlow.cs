using Sample.Demo;

namespace Sample.Engine;

/// <summary>The transitions of a process in one tick of the simulated engine.</summary>
internal static class ProcessFlow
{
    // The result is often unchanged, because a step takes several ticks.
    public static (string Status, string Step) GetNext(
        string status, string step, string target, bool globalLock, Random random) => status switch
        {
            "running" when random.NextDouble() < GetStepChance(target) => CompleteStep(step, globalLock, random),
            "created" or "resumed" when !globalLock => ("running", step),
            "waiting" or "awaiting_callback" when !globalLock && random.NextDouble() < 0.1 => ("resumed", step),
            "suspended" when !globalLock && random.NextDouble() < 0.005 => ContinueOrAbort(step, random),
            // A person handles the failure after three minutes on average.
            "failed" or "api_unavailable" or "inconsistent_data" when !globalLock && random.NextDouble() < 0.003 =>
                ContinueOrAbort(step, random),
            _ => (status, step),
        };

    private static double GetStepChance(string target) => target switch
    {
        "VALIDATE" or "SYSTEM" => 0.5,
        "CREATE" or "TERMINATE" => 0.15,
        _ => 0.3,
    };

    private static (string Status, string Step) ContinueOrAbort(string step, Random random) =>
        (random.NextDouble() < 0.9 ? "resumed" : "aborted", step);

    private static (string Status, string Step) CompleteStep(string step, bool globalLock, Random random)
    {
        var next = Catalogue.Steps[Catalogue.Steps.TakeWhile(name => name != step).Count() + 1];
        if (next == Catalogue.Steps[^1])
            return ("completed", next);
        return random.Next(1000) switch
        {
            < 6 => ("failed", step),
            < 8 => ("api_unavailable", step),
            < 9 => ("inconsistent_data", step),
            < 25 => ("suspended", next),
            < 50 => ("waiting", next),
            < 60 => ("awaiting_callback", next),
            // A locked engine starts no steps, so the process is queued until the engine is unlocked.
            _ => (globalLock ? "resumed" : "running", next),
        };
    }
}
