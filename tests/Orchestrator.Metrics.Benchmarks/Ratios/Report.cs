using System.Globalization;

namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>Prints tables of ratios, followed by each target and its measured value.</summary>
internal sealed class Report
{
    private readonly List<(string What, string Target, string Measured, bool Met)> _targets = [];

    public static void Section(string title) => Console.WriteLine($"\n{title}\n");

    public static void Note(string text) => Console.WriteLine(text);

    /// <summary>
    /// Prints one line per contender: the time as a multiple of the baseline, its middle half, and allocations.
    /// </summary>
    public static void Table(InterleavedRun run, Contender one, int? series = null)
    {
        Console.WriteLine($"{"",-44} {"time",8}   {"middle half",-15} {(series is null ? "allocated" : "allocated per series"),20}");
        foreach (var contender in run.Contenders)
        {
            var (low, high) = run.Spread(contender, one);
            Console.WriteLine(
                $"{contender.Name,-44} {Number(run.Ratio(contender, one)),8}   {Number(low) + " to " + Number(high),-15} " +
                $"{Bytes(run.Allocated(contender), series),20}");
        }
    }

    /// <summary>Prints a line with the median of values and their middle half.</summary>
    public static void Line(string name, IReadOnlyCollection<double> values)
    {
        var (low, high) = InterleavedRun.MiddleHalf(values);
        Console.WriteLine($"{name,-60} {Number(InterleavedRun.Median(values)),8}   {Number(low)} to {Number(high)}");
    }

    /// <summary>Adds a measured value that must not exceed a limit.</summary>
    public void AtMost(double limit, double measured, string what) =>
        _targets.Add((what, $"at most {Number(limit)}", Number(measured), measured <= limit));

    /// <summary>Adds a measured value that must not be smaller than a limit.</summary>
    public void AtLeast(double limit, double measured, string what) =>
        _targets.Add((what, $"at least {Number(limit)}", Number(measured), measured >= limit));

    /// <summary>Prints the targets and marks missed ones.</summary>
    public void Targets()
    {
        Section("Targets");
        foreach (var (what, target, measured, met) in _targets)
            Console.WriteLine($"{(met ? "met   " : "MISSED")}  {what,-76} {target,-14} {measured,8}");
        Console.WriteLine($"\n{_targets.Count(target => target.Met)} of {_targets.Count} targets met.");
    }

    private static string Bytes(long? bytes, int? series) => bytes switch
    {
        null => "-",
        { } all when series is { } count => $"{(double)all / count:0.0} B",
        { } all => $"{all / 1024.0:0} KiB",
    };

    private static string Number(double value) => value.ToString(
        value switch { >= 100 => "0", >= 10 => "0.0", _ => "0.00" }, CultureInfo.InvariantCulture);
}
