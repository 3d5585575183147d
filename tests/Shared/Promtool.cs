using System.Diagnostics;

namespace Orchestrator.Metrics.Tests;

internal static class Promtool
{
    /// <summary>The lines in which <c>promtool check metrics</c> remarks on an exposition.</summary>
    public static async Task<string[]> CheckMetricsAsync(string exposition)
    {
        var start = new ProcessStartInfo(Requirements.Program("promtool", "prometheus"), ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(exposition);
        process.StandardInput.Close();
        var remarks = await errors + await output;
        await process.WaitForExitAsync();
        return remarks.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
