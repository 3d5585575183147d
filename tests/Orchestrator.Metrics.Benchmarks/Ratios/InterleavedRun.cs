namespace Orchestrator.Metrics.Benchmarks.Ratios;

/// <summary>
/// Measures contenders in turns, so other load on the machine affects all of them equally. Times are compared round by
/// round, and the result is the median of the ratios.
/// </summary>
internal sealed class InterleavedRun
{
    private readonly Dictionary<Contender, List<Lap>> _laps;

    private InterleavedRun(IReadOnlyList<Contender> contenders)
    {
        Contenders = contenders;
        _laps = contenders.ToDictionary(contender => contender, _ => new List<Lap>());
    }

    public IReadOnlyList<Contender> Contenders { get; }

    public static async Task<InterleavedRun> RunAsync(int warmUps, int rounds, params IReadOnlyList<Contender> contenders)
    {
        var run = new InterleavedRun(contenders);
        for (var round = -warmUps; round < rounds; round++)
        {
            foreach (var contender in contenders)
            {
                var lap = await contender.RunAsync();
                if (round >= 0)
                    run._laps[contender].Add(lap);
            }
        }

        return run;
    }

    public double ComputeRatio(Contender one, Contender other) =>
        ComputeMedian(ComputeRatios(one, other));

    public double ComputeRatioOfDifference(Contender one, Contender less, Contender other) => ComputeMedian(_laps[one]
        .Zip(_laps[less], _laps[other])
        .Select(round => (round.First.Time - round.Second.Time) / round.Third.Time));

    /// <summary>Returns the middle half of the ratios, which shows how precise their median is.</summary>
    public (double Low, double High) ComputeMiddleHalf(Contender one, Contender other) =>
        ComputeMiddleHalf(ComputeRatios(one, other));

    public TimeSpan ComputeMedianTime(Contender contender) =>
        TimeSpan.FromTicks((long)ComputeMedian(_laps[contender].Select(lap => (double)lap.Time.Ticks)));

    // The fewest bytes, because other activity of the process increases the number.
    public long? GetAllocated(Contender contender) => _laps[contender].Min(lap => lap.Allocated);

    public static (double Low, double High) ComputeMiddleHalf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 4], sorted[sorted.Length * 3 / 4]);
    }

    public static double ComputeMedian(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private IEnumerable<double> ComputeRatios(Contender one, Contender other) =>
        _laps[one].Zip(_laps[other], (a, b) => a.Time / b.Time);
}
