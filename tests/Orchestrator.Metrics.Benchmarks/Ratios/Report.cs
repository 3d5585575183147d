using System.Globalization;

namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>Prints tables of ratios, followed by each target and its measured value.</summary>
internal sealed class Report
{
    private readonly List<(string What, string Target, string Measured, bool Met)> _targets = [];

    public static void PrintSection(string title) => Console.WriteLine($"\n{title}\n");

    public static void PrintTable(InterleavedRun run, Contender baseline, int? series = null)
    {
        Console.WriteLine($"{"",-44} {"time",8}   {"middle half",-15} {(series is null ? "allocated" : "allocated per series"),20}");
        foreach (var contender in run.Contenders)
        {
            var (low, high) = run.ComputeMiddleHalf(contender, baseline);
            Console.WriteLine(
                $"{contender.Name,-44} {Format(run.ComputeRatio(contender, baseline)),8}   {Format(low) + " to " + Format(high),-15} " +
                $"{FormatBytes(run.GetAllocated(contender), series),20}");
        }
    }

    public static void PrintLine(string name, IReadOnlyCollection<double> values)
    {
        var (low, high) = InterleavedRun.ComputeMiddleHalf(values);
        Console.WriteLine($"{name,-60} {Format(InterleavedRun.ComputeMedian(values)),8}   {Format(low)} to {Format(high)}");
    }

    public void ExpectAtMost(double limit, double measured, string what) =>
        _targets.Add((what, $"at most {Format(limit)}", Format(measured), measured <= limit));

    public void ExpectAtLeast(double limit, double measured, string what) =>
        _targets.Add((what, $"at least {Format(limit)}", Format(measured), measured >= limit));

    public void PrintTargets()
    {
        PrintSection("Targets");
        foreach (var (what, target, measured, met) in _targets)
            Console.WriteLine($"{(met ? "met   " : "MISSED")}  {what,-76} {target,-14} {measured,8}");
        Console.WriteLine($"\n{_targets.Count(target => target.Met)} of {_targets.Count} targets met.");
    }

    private static string FormatBytes(long? bytes, int? series) => bytes switch
    {
        null => "-",
        { } all when series is { } count => $"{(double)all / count:0.0} B",
        { } all => $"{all / 1024.0:0} KiB",
    };

    private static string Format(double value) => value.ToString(
        value switch { >= 100 => "0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}
