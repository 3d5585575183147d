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

    /// <summary>The time of a contender as a multiple of another's.</summary>
    public double Ratio(Contender one, Contender other) =>
        Median(Ratios(one, other));

    /// <summary>The difference between the times of two contenders, as a multiple of the time of another.</summary>
    public double RatioOfDifference(Contender one, Contender less, Contender other) => Median(_laps[one]
        .Zip(_laps[less], _laps[other])
        .Select(round => (round.First.Time - round.Second.Time) / round.Third.Time));

    /// <summary>The middle half of the ratios, a measure of the precision of the median.</summary>
    public (double Low, double High) Spread(Contender one, Contender other) => MiddleHalf(Ratios(one, other));

    public TimeSpan MedianTime(Contender contender) =>
        TimeSpan.FromTicks((long)Median(_laps[contender].Select(lap => (double)lap.Time.Ticks)));

    /// <summary>The minimum allocated by a round, which excludes other activity of the process.</summary>
    public long? Allocated(Contender contender) => _laps[contender].Min(lap => lap.Allocated);

    public static (double Low, double High) MiddleHalf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return (sorted[sorted.Length / 4], sorted[sorted.Length * 3 / 4]);
    }

    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        var middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private IEnumerable<double> Ratios(Contender one, Contender other) =>
        _laps[one].Zip(_laps[other], (a, b) => a.Time / b.Time);
}
