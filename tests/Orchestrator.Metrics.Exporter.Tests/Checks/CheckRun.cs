using System.Text.RegularExpressions;

namespace Orchestrator.Metrics.Exporter.Tests.Checks;

/// <summary>The exit status and the report of <c>--check</c>, which ran in this process.</summary>
internal sealed partial record CheckRun(int Status, string Report)
{
    /// <summary>The lines of failures in the report, without the word FAILED.</summary>
    public string[] Failures => FindLines("FAILED");

    public string[] Notes => FindLines("note");

    public static async Task<CheckRun> RunAsync(
        string? databaseUri, string[]? flags = null, params (string Name, string Value)[] environment)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var errors = new StringWriter();
        var variables = environment.ToDictionary(variable => variable.Name, variable => variable.Value);
        if (databaseUri is not null)
            variables["DATABASE_URI"] = databaseUri;
        var status = await ExporterProgram.RunAsync(["--check", .. flags ?? []], variables, output, errors);
        Assert.That(errors.ToString(), Is.Empty);
        TestContext.Out.Write(output);
        return new CheckRun(status, output.ToString());
    }

    /// <summary>The report, with fixed values in place of durations and ports.</summary>
    public string Masked => Port().Replace(Duration().Replace(Report, "0.000 s."), "127.0.0.1:5432");

    private string[] FindLines(string status) =>
    [
        .. Report.Split('\n').Where(line => line.StartsWith($"{status,-6}  ", StringComparison.Ordinal))
            .Select(line => line[8..]),
    ];

    [GeneratedRegex(@"[0-9]+\.[0-9]{3} s\.")]
    private static partial Regex Duration();

    [GeneratedRegex("127\\.0\\.0\\.1:[0-9]+")]
    private static partial Regex Port();
}
