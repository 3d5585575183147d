using Sample.Demo;

namespace Sample.Engine;

/// <summary>The transitions of a process in one tick of the simulated engine.</summary>
internal static class ProcessFlow
{
    /// <summary>Returns the next status and step; often unchanged, because steps take several ticks.</summary>
    public static (string Status, string Step) Next(string status, string step, bool globalLock, Random random) =>
        status switch
        {
            "running" when random.NextDouble() < 0.3 => AfterStep(step, globalLock, random),
            "created" or "resumed" when !globalLock => ("running", step),
            "waiting" or "awaiting_callback" when !globalLock && random.NextDouble() < 0.1 => ("resumed", step),
            "suspended" when !globalLock && random.NextDouble() < 0.005 =>
                (random.NextDouble() < 0.9 ? "resumed" : "aborted", step),
            _ => (status, step),
        };

    private static (string Status, string Step) AfterStep(string step, bool globalLock, Random random)
    {
        var next = Catalogue.Steps[Catalogue.Steps.TakeWhile(name => name != step).Count() + 1];
        if (next == Catalogue.Steps[^1])
            return ("completed", next);
        return random.Next(200) switch
        {
            < 3 => ("failed", step),
            < 4 => ("api_unavailable", step),
            < 5 => ("inconsistent_data", step),
            < 10 => ("suspended", next),
            < 15 => ("waiting", next),
            < 17 => ("awaiting_callback", next),
            // A locked engine starts no steps. The process waits and continues once the engine is unlocked.
            _ => (globalLock ? "resumed" : "running", next),
        };
    }
}
